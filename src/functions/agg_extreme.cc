// MIN and MAX. Over insert-only input the best value so far is kept; a value replaces it only when
// it compares better, so that, as in Flink, a NaN that comes first stays and a later one is
// ignored. Over changing input all values are kept, ordered, NaN highest.
#include <array>
#include <cmath>
#include <map>

#include "functions/agg_tables.h"
#include "functions/agg_value.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;

// --- insert-only, fixed width -----------------------------------------------------------------

template <typename T>
struct Slot {
  Stored<T> value;
  int64_t filled;
};

template <typename T, bool kMax>
struct FixedExtreme {
  using State = Slot<T>;
  static void Offer(State& state, T value) {
    const T current = state.value;
    if (state.filled == 0 || (kMax ? current < value : value < current)) {
      state.value = value;
      state.filled = 1;
    }
  }
  static void Accumulate(const AggregateCall&, const AggregateRows& rows) {
    ForEachValue<T>(rows, 0,
                    [](std::byte* state, T value, bool) { Offer(StateAt<State>(state), value); });
  }
  static void Merge(const AggregateCall&, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
    for (size_t i = 0; i < into.size(); ++i) {
      const State& other = StateAt<State>(from[i]);
      if (other.filled != 0) Offer(StateAt<State>(into[i]), other.value);
    }
  }
  static void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                   Column* out) {
    FixedResult<T> result(call, states.size(), pool);
    for (size_t i = 0; i < states.size(); ++i) {
      const State& state = StateAt<State>(states[i]);
      if (state.filled != 0) {
        result.Set(i, state.value);
      } else {
        result.SetNull(i);
      }
    }
    *out = result.Finish();
  }
};

// --- insert-only, strings ---------------------------------------------------------------------

class TextSlot : public AggregateObject {
 public:
  explicit TextSlot(const AggregateCall&) {}
  template <bool kMax>
  void Offer(std::string_view value) {
    if (filled_ && (kMax ? value <= std::string_view(value_) : value >= std::string_view(value_))) {
      return;
    }
    value_.assign(value);
    filled_ = true;
  }
  bool filled() const { return filled_; }
  const std::string& value() const { return value_; }
  void Save(std::string* out) const override {
    if (filled_) out->append(1, '\1').append(value_);
  }
  Status Load(std::string_view bytes) override {
    filled_ = !bytes.empty();
    value_.assign(filled_ ? bytes.substr(1) : bytes);
    return {};
  }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this) + value_.capacity()); }

 private:
  std::string value_;
  bool filled_ = false;
};

template <bool kMax>
struct TextExtreme {
  static void Accumulate(const AggregateCall& call, const AggregateRows& rows) {
    ForEachValue<StringView>(rows, 0, [&](std::byte* state, const StringView& value, bool) {
      ObjectAt<TextSlot>(state, call).Offer<kMax>(value.view());
    });
  }
  static void Merge(const AggregateCall& call, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
    for (size_t i = 0; i < into.size(); ++i) {
      const TextSlot* other = ObjectOrNull<TextSlot>(from[i]);
      if (other == nullptr || !other->filled()) continue;
      ObjectAt<TextSlot>(into[i], call).Offer<kMax>(other->value());
    }
  }
  static void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                   Column* out) {
    ColumnBuilder builder(call.result_type, pool);
    for (std::byte* state : states) {
      const TextSlot* slot = ObjectOrNull<TextSlot>(state);
      if (slot == nullptr || !slot->filled()) {
        builder.AppendNull();
      } else {
        builder.AppendString(slot->value());
      }
    }
    *out = builder.Finish();
  }
};

// --- with retractions -------------------------------------------------------------------------

// Java's order of floating point values: NaN above all, -0.0 below 0.0.
template <typename T>
struct JavaLess {
  bool operator()(const T& a, const T& b) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (a < b) return true;
      if (a > b) return false;
      if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
      return std::signbit(a) && !std::signbit(b);
    } else {
      return a < b;
    }
  }
};
template <>
struct JavaLess<std::string> {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a < b; }
};

// Every value with the number of times it is there (negative: retractions that came early).
template <typename T>
class OrderedCounts : public AggregateObject {
 public:
  using Map = std::map<T, int64_t, JavaLess<T>>;
  explicit OrderedCounts(const AggregateCall&) {}

  template <typename V>
  void Change(const V& value, int64_t delta) {
    auto place = counts_.lower_bound(value);
    if (place == counts_.end() || JavaLess<T>()(value, place->first)) {
      place = counts_.emplace_hint(place, T(value), 0);
      heap_bytes_ += BytesOf(place->first);
    }
    place->second += delta;
    if (place->second == 0) {
      heap_bytes_ -= BytesOf(place->first);
      counts_.erase(place);
    }
  }
  // Null when no value is there.
  template <bool kMax>
  const T* Best() const {
    if constexpr (kMax) {
      for (auto i = counts_.rbegin(); i != counts_.rend(); ++i) {
        if (i->second > 0) return &i->first;
      }
    } else {
      for (const auto& [value, count] : counts_) {
        if (count > 0) return &value;
      }
    }
    return nullptr;
  }
  const Map& counts() const { return counts_; }

  void Save(std::string* out) const override {
    for (const auto& [value, count] : counts_) {
      PutUint64(static_cast<uint64_t>(count), out);
      if constexpr (std::is_same_v<T, std::string>) {
        PutBytes(value, out);
      } else {
        PutBytes({reinterpret_cast<const char*>(&value), sizeof(T)}, out);
      }
    }
  }
  Status Load(std::string_view bytes) override {
    counts_.clear();
    heap_bytes_ = 0;
    SavedBytes saved(bytes);
    while (saved.ok() && !saved.at_end()) {
      const auto count = static_cast<int64_t>(saved.Uint64());
      const std::string_view value = saved.Bytes();
      if (!saved.ok()) break;
      if constexpr (std::is_same_v<T, std::string>) {
        Change(value, count);
      } else {
        T fixed;
        if (value.size() != sizeof(T)) break;
        std::memcpy(&fixed, value.data(), sizeof(T));
        Change(fixed, count);
      }
    }
    return saved.Finish();
  }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this)) + heap_bytes_; }

 private:
  static int64_t BytesOf(const T& value) {
    constexpr int64_t kNodeBytes = 48 + sizeof(T);
    if constexpr (std::is_same_v<T, std::string>) {
      return kNodeBytes + static_cast<int64_t>(value.size());
    } else {
      return kNodeBytes;
    }
  }
  Map counts_;
  int64_t heap_bytes_ = 0;
};

template <typename T, bool kMax>
struct RetractableExtreme {
  using Object = OrderedCounts<T>;
  static constexpr bool kText = std::is_same_v<T, std::string>;
  using Read = std::conditional_t<kText, StringView, T>;

  static void Accumulate(const AggregateCall& call, const AggregateRows& rows) {
    ForEachValue<Read>(rows, 0, [&](std::byte* state, const Read& value, bool add) {
      Object& object = ObjectAt<Object>(state, call);
      if constexpr (kText) {
        object.Change(value.view(), add ? 1 : -1);
      } else {
        object.Change(value, add ? 1 : -1);
      }
    });
  }
  static void Merge(const AggregateCall& call, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
    for (size_t i = 0; i < into.size(); ++i) {
      const Object* other = ObjectOrNull<Object>(from[i]);
      if (other == nullptr) continue;
      Object& object = ObjectAt<Object>(into[i], call);
      for (const auto& [value, count] : other->counts()) object.Change(value, count);
    }
  }
  static void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                   Column* out) {
    ColumnBuilder builder(call.result_type, pool);
    for (std::byte* state : states) {
      const Object* object = ObjectOrNull<Object>(state);
      const T* best = object == nullptr ? nullptr : object->template Best<kMax>();
      if (best == nullptr) {
        builder.AppendNull();
      } else if constexpr (kText) {
        builder.AppendString(*best);
      } else {
        builder.Append(*best);
      }
    }
    *out = builder.Finish();
  }
};

template <typename Family, typename Object>
Kernel ObjectKernel() {
  return {.state_bytes = sizeof(AggregateObject*),
          .is_object = true,
          .make_object = MakeAggregateObject<Object>,
          .accumulate = Family::Accumulate,
          .merge = Family::Merge,
          .emit = Family::Emit};
}

template <bool kMax>
Result<Kernel> ExtremeKernel(const AggregateCall& call) {
  const PhysicalType type = PhysicalTypeOf(call.argument_types[0]);
  if (type == PhysicalType::kString) {
    if (!call.retracts) return ObjectKernel<TextExtreme<kMax>, TextSlot>();
    return ObjectKernel<RetractableExtreme<std::string, kMax>, OrderedCounts<std::string>>();
  }
  return VisitFixedType(type, [&]<typename T>(T) -> Kernel {
    if (call.retracts) return ObjectKernel<RetractableExtreme<T, kMax>, OrderedCounts<T>>();
    using Family = FixedExtreme<T, kMax>;
    return {.state_bytes = sizeof(typename Family::State),
            .running = true,
            .accumulate = Family::Accumulate,
            .merge = Family::Merge,
            .emit = Family::Emit};
  });
}

template <bool kMax>
Result<AggregateTyping> InferExtreme(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  const PhysicalType physical = PhysicalTypeOf(type);
  if (!(IsFixedWidth(physical) || IsCharacter(type.root()) || IsBinaryString(type.root())) ||
      type.root() == TypeRoot::kNull || type.root() == TypeRoot::kSymbol) {
    const std::string_view name = kMax ? "MAX" : "MIN";
    return WrongArgumentTypes(name, call, std::string(name) + "(<COMPARABLE_TYPE>)");
  }
  return AggregateTyping{type.WithTimeAttribute(TimeAttribute::kNone), {type}};
}

constexpr std::array kTable = {
    AggregateDef{.name = "MIN",
                 .signature = "(COMPARABLE) -> the same type",
                 .doc = "The least of the values that are not NULL; NULL when there are none.",
                 .example = "MIN(price)",
                 .infer = InferExtreme<false>,
                 .kernel = ExtremeKernel<false>},
    AggregateDef{.name = "MAX",
                 .signature = "(COMPARABLE) -> the same type",
                 .doc = "The greatest of the values that are not NULL; NULL when there are none.",
                 .example = "MAX(price)",
                 .infer = InferExtreme<true>,
                 .kernel = ExtremeKernel<true>},
};

}  // namespace

std::span<const AggregateDef> ExtremeAggregates() {
  return kTable;
}

}  // namespace rhei

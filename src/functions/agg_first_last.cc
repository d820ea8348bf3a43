// FIRST_VALUE and LAST_VALUE by order of arrival; NULLs do not count. Over changing input every
// value is kept, and a retraction takes the first equal one.
#include <array>

#include "functions/agg_arrival.h"
#include "functions/agg_tables.h"
#include "functions/agg_value.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;

template <typename T>
struct Slot {
  Stored<T> value;
  int64_t filled;
};

template <typename T, bool kFirst>
struct FixedValue {
  using State = Slot<T>;
  static void Accumulate(const AggregateCall&, const AggregateRows& rows) {
    ForEachValue<T>(rows, 0, [](std::byte* bytes, const T& value, bool) {
      State& state = StateAt<State>(bytes);
      if (kFirst && state.filled != 0) return;
      state.value = value;
      state.filled = 1;
    });
  }
  static void Merge(const AggregateCall&, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
    for (size_t i = 0; i < into.size(); ++i) {
      State& state = StateAt<State>(into[i]);
      const State& later = StateAt<State>(from[i]);
      if (later.filled != 0 && !(kFirst && state.filled != 0)) state = later;
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

// One value of any type, as bytes.
class ValueSlot : public AggregateObject {
 public:
  explicit ValueSlot(const AggregateCall&) {}
  void Set(std::string_view value) {
    value_.assign(value);
    filled_ = true;
  }
  bool empty() const { return !filled_; }
  std::string_view value() const { return value_; }
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

// All values in order of arrival.
class ValueList : public AggregateObject {
 public:
  explicit ValueList(const AggregateCall&) {}
  ArrivalList& list() { return list_; }
  const ArrivalList& list() const { return list_; }
  void Save(std::string* out) const override { list_.Save(out); }
  Status Load(std::string_view bytes) override { return list_.Load(bytes); }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this)) + list_.bytes(); }

 private:
  ArrivalList list_;
};

template <bool kFirst>
struct BytesValue {
  static void Accumulate(const AggregateCall& call, const AggregateRows& rows) {
    ValueCodec codec(call.argument_types[0]);
    for (size_t i = 0; i < rows.states.size(); ++i) {
      ValueSlot& slot = ObjectAt<ValueSlot>(rows.states[i], call);
      if (kFirst && !slot.empty()) continue;
      slot.Set(codec.Encode(rows.arguments[0], rows.rows[i]));
    }
  }
  static void Merge(const AggregateCall& call, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
    for (size_t i = 0; i < into.size(); ++i) {
      const ValueSlot* later = ObjectOrNull<ValueSlot>(from[i]);
      if (later == nullptr || later->empty()) continue;
      ValueSlot& slot = ObjectAt<ValueSlot>(into[i], call);
      if (!kFirst || slot.empty()) slot.Set(later->value());
    }
  }
  static void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                   Column* out) {
    const ValueCodec codec(call.argument_types[0]);
    ColumnBuilder builder(call.result_type, pool);
    for (std::byte* state : states) {
      const ValueSlot* slot = ObjectOrNull<ValueSlot>(state);
      if (slot == nullptr || slot->empty()) {
        builder.AppendNull();
      } else {
        codec.Append(slot->value(), &builder);
      }
    }
    *out = builder.Finish();
  }
};

template <bool kFirst>
struct RetractableValue {
  static void Accumulate(const AggregateCall& call, const AggregateRows& rows) {
    ValueCodec codec(call.argument_types[0]);
    for (size_t i = 0; i < rows.states.size(); ++i) {
      ArrivalList& list = ObjectAt<ValueList>(rows.states[i], call).list();
      const std::string_view value = codec.Encode(rows.arguments[0], rows.rows[i]);
      if (rows.additions == nullptr || rows.additions[i] != 0) {
        list.Add(value);
      } else {
        list.Retract(value);
      }
    }
  }
  static void Merge(const AggregateCall& call, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
    for (size_t i = 0; i < into.size(); ++i) {
      const ValueList* later = ObjectOrNull<ValueList>(from[i]);
      if (later != nullptr) ObjectAt<ValueList>(into[i], call).list().Merge(later->list());
    }
  }
  static void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                   Column* out) {
    const ValueCodec codec(call.argument_types[0]);
    ColumnBuilder builder(call.result_type, pool);
    for (std::byte* state : states) {
      const ValueList* values = ObjectOrNull<ValueList>(state);
      if (values == nullptr || values->list().empty()) {
        builder.AppendNull();
      } else {
        codec.Append(kFirst ? values->list().first() : values->list().last(), &builder);
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

template <bool kFirst>
Result<Kernel> ValueKernel(const AggregateCall& call) {
  if (call.retracts) return ObjectKernel<RetractableValue<kFirst>, ValueList>();
  const PhysicalType type = PhysicalTypeOf(call.argument_types[0]);
  if (!IsFixedWidth(type)) return ObjectKernel<BytesValue<kFirst>, ValueSlot>();
  return VisitFixedType(type, [&]<typename T>(T) -> Kernel {
    using Family = FixedValue<T, kFirst>;
    return {.state_bytes = sizeof(typename Family::State),
            .accumulate = Family::Accumulate,
            .merge = Family::Merge,
            .emit = Family::Emit};
  });
}

Result<AggregateTyping> InferValue(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  return AggregateTyping{type.WithTimeAttribute(TimeAttribute::kNone), {type}};
}

constexpr std::array kTable = {
    AggregateDef{.name = "FIRST_VALUE",
                 .signature = "(ANY) -> the same type",
                 .doc = "The first value to arrive that is not NULL.",
                 .example = "FIRST_VALUE(price)",
                 .infer = InferValue,
                 .order_sensitive = true,
                 .kernel = ValueKernel<true>},
    AggregateDef{.name = "LAST_VALUE",
                 .signature = "(ANY) -> the same type",
                 .doc = "The last value to arrive that is not NULL.",
                 .example = "LAST_VALUE(price)",
                 .infer = InferValue,
                 .order_sensitive = true,
                 .kernel = ValueKernel<false>},
};

}  // namespace

std::span<const AggregateDef> FirstLastAggregates() {
  return kTable;
}

}  // namespace rhei

// The BITMAP_*_AGG aggregates: build a bitmap from numbers, or the AND, OR and XOR of bitmaps; the
// _CARDINALITY_ forms give its size. NULL without rows. Over changing input BUILD, AND and OR count
// every number; XOR undoes itself.
#include <array>
#include <unordered_map>

#include "base/check.h"
#include "functions/agg_tables.h"
#include "functions/agg_value.h"
#include "types/bitmap.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;
using Operation = Bitmap::Operation;

enum class Kind : uint8_t { kBuild, kAnd, kOr, kXor };

Bitmap ReadBitmap(std::string_view bytes) {
  Result<Bitmap> bitmap = Bitmap::Parse(bytes);
  CHECK(bitmap.ok());  // A column of type BITMAP holds nothing else.
  return std::move(bitmap).value();
}

template <Kind kKind>
class BitmapState : public AggregateObject {
 public:
  explicit BitmapState(const AggregateCall& call)
      : counts_numbers_(call.retracts && kKind != Kind::kXor) {}

  void ChangeNumber(uint32_t number, bool add) {
    rows_ += add ? 1 : -1;
    if (counts_numbers_) {
      Count(number, add ? 1 : -1);
    } else {
      numbers_ += bitmap_.Add(number) ? 1 : 0;
    }
  }
  void ChangeBitmap(const Bitmap& other, bool add) {
    const bool first = rows_ == 0;
    rows_ += add ? 1 : -1;
    if (counts_numbers_) {
      other.ForEach([&](uint32_t number) { Count(number, add ? 1 : -1); });
    } else {
      Fold(other, first);
    }
  }
  void Merge(const BitmapState& other) {
    if (other.rows_ == 0 && other.counts_.empty()) return;
    const bool first = rows_ == 0;
    rows_ += other.rows_;
    for (const auto& [number, count] : other.counts_) Count(number, count);
    if (!counts_numbers_) Fold(other.bitmap_, first);
  }
  bool empty() const { return rows_ <= 0; }
  Bitmap Value() const {
    if (!counts_numbers_) return bitmap_;
    std::vector<uint32_t> numbers;
    for (const auto& [number, count] : counts_) {
      if (kKind == Kind::kAnd ? count == rows_ : count > 0) numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    Bitmap bitmap;
    for (uint32_t number : numbers) bitmap.Add(number);
    return bitmap;
  }

  void Save(std::string* out) const override {
    PutUint64(static_cast<uint64_t>(rows_), out);
    PutBytes(bitmap_.Serialize(), out);
    for (const auto& [number, count] : counts_) {
      PutUint64(number, out);
      PutUint64(static_cast<uint64_t>(count), out);
    }
  }
  Status Load(std::string_view bytes) override {
    SavedBytes saved(bytes);
    rows_ = static_cast<int64_t>(saved.Uint64());
    Result<Bitmap> bitmap = Bitmap::Parse(saved.Bytes());
    if (!bitmap.ok()) return {ErrorCode::kStateMismatch, bitmap.status().message()};
    bitmap_ = std::move(bitmap).value();
    numbers_ = bitmap_.cardinality();
    counts_.clear();
    while (saved.ok() && !saved.at_end()) {
      const auto number = static_cast<uint32_t>(saved.Uint64());
      Count(number, static_cast<int64_t>(saved.Uint64()));
    }
    return saved.Finish();
  }
  int64_t bytes() const override {
    return static_cast<int64_t>(sizeof(*this) + counts_.size() * 48) + numbers_ * 2;
  }

 private:
  void Count(uint32_t number, int64_t delta) {
    const auto place = counts_.try_emplace(number, 0).first;
    place->second += delta;
    if (place->second == 0) counts_.erase(place);
  }
  void Fold(const Bitmap& other, bool first) {
    if (kKind == Kind::kAnd) {
      bitmap_ = first ? other : Bitmap::Combine(bitmap_, other, Operation::kAnd);
    } else {
      bitmap_ =
          Bitmap::Combine(bitmap_, other, kKind == Kind::kXor ? Operation::kXor : Operation::kOr);
    }
    numbers_ = bitmap_.cardinality();
  }
  bool counts_numbers_;
  int64_t rows_ = 0;
  Bitmap bitmap_;
  int64_t numbers_ = 0;  // in bitmap_
  std::unordered_map<uint32_t, int64_t> counts_;
};

template <Kind kKind>
void Accumulate(const AggregateCall& call, const AggregateRows& rows) {
  using State = BitmapState<kKind>;
  if constexpr (kKind == Kind::kBuild) {
    ForEachValue<int32_t>(rows, 0, [&](std::byte* state, int32_t number, bool add) {
      ObjectAt<State>(state, call).ChangeNumber(static_cast<uint32_t>(number), add);
    });
  } else {
    ForEachValue<StringView>(rows, 0, [&](std::byte* state, const StringView& bytes, bool add) {
      ObjectAt<State>(state, call).ChangeBitmap(ReadBitmap(bytes.view()), add);
    });
  }
}

template <Kind kKind>
void Merge(const AggregateCall& call, std::span<std::byte* const> into,
           std::span<std::byte* const> from) {
  using State = BitmapState<kKind>;
  for (size_t i = 0; i < into.size(); ++i) {
    const State* other = ObjectOrNull<State>(from[i]);
    if (other != nullptr) ObjectAt<State>(into[i], call).Merge(*other);
  }
}

template <Kind kKind, bool kCardinality>
void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
          Column* out) {
  ColumnBuilder builder(call.result_type, pool);
  for (std::byte* state : states) {
    const auto* object = ObjectOrNull<BitmapState<kKind>>(state);
    if (object == nullptr || object->empty()) {
      builder.AppendNull();
    } else if (kCardinality) {
      builder.Append(object->Value().cardinality());
    } else {
      builder.AppendString(object->Value().Serialize());
    }
  }
  *out = builder.Finish();
}

template <Kind kKind, bool kCardinality>
Result<AggregateTyping> Infer(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  const TypeRoot root = type.root();
  const bool number =
      root == TypeRoot::kTinyInt || root == TypeRoot::kSmallInt || root == TypeRoot::kInt;
  if (kKind == Kind::kBuild ? !number : root != TypeRoot::kBitmap) {
    return WrongArgumentTypes("BITMAP_AGG", call,
                              kKind == Kind::kBuild ? "(value <INT>)" : "(bitmap <BITMAP>)");
  }
  return AggregateTyping{kCardinality ? DataType::BigInt() : DataType::Bitmap(),
                         {kKind == Kind::kBuild ? DataType::Int(type.nullable()) : type}};
}

template <Kind kKind, bool kCardinality>
Result<Kernel> MakeKernel(const AggregateCall&) {
  return Kernel{.state_bytes = sizeof(AggregateObject*),
                .is_object = true,
                .make_object = MakeAggregateObject<BitmapState<kKind>>,
                .accumulate = Accumulate<kKind>,
                .merge = Merge<kKind>,
                .emit = Emit<kKind, kCardinality>};
}

template <Kind kKind, bool kCardinality>
constexpr AggregateDef BitmapAggregate(std::string_view name, std::string_view doc,
                                       std::string_view example) {
  return {.name = name,
          .signature =
              kKind == Kind::kBuild ? "(INT) -> BITMAP or BIGINT" : "(BITMAP) -> BITMAP or BIGINT",
          .doc = doc,
          .example = example,
          .infer = Infer<kKind, kCardinality>,
          .kernel = MakeKernel<kKind, kCardinality>};
}

constexpr std::array kTable = {
    BitmapAggregate<Kind::kBuild, false>("BITMAP_BUILD_AGG", "The bitmap of the numbers.",
                                         "BITMAP_BUILD_AGG(n)"),
    BitmapAggregate<Kind::kBuild, true>("BITMAP_BUILD_CARDINALITY_AGG",
                                        "How many different numbers there are.",
                                        "BITMAP_BUILD_CARDINALITY_AGG(n)"),
    BitmapAggregate<Kind::kAnd, false>("BITMAP_AND_AGG", "The numbers that are in every bitmap.",
                                       "BITMAP_AND_AGG(b)"),
    BitmapAggregate<Kind::kAnd, true>("BITMAP_AND_CARDINALITY_AGG",
                                      "How many numbers are in every bitmap.",
                                      "BITMAP_AND_CARDINALITY_AGG(b)"),
    BitmapAggregate<Kind::kOr, false>("BITMAP_OR_AGG", "The numbers that are in some bitmap.",
                                      "BITMAP_OR_AGG(b)"),
    BitmapAggregate<Kind::kOr, true>("BITMAP_OR_CARDINALITY_AGG",
                                     "How many numbers are in some bitmap.",
                                     "BITMAP_OR_CARDINALITY_AGG(b)"),
    BitmapAggregate<Kind::kXor, false>(
        "BITMAP_XOR_AGG", "The numbers that are in an odd number of bitmaps.", "BITMAP_XOR_AGG(b)"),
    BitmapAggregate<Kind::kXor, true>("BITMAP_XOR_CARDINALITY_AGG",
                                      "How many numbers are in an odd number of bitmaps.",
                                      "BITMAP_XOR_CARDINALITY_AGG(b)"),
};

}  // namespace

std::span<const AggregateDef> BitmapAggregates() {
  return kTable;
}

}  // namespace rhei

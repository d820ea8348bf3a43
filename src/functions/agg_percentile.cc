// PERCENTILE(value, percentage [, frequency]): the exact percentile, between two values by linear
// interpolation. All values are kept, ordered, with their frequencies.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>

#include "functions/agg_tables.h"
#include "functions/agg_value.h"
#include "types/decimal.h"
#include "types/number_text.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;

double NumberOf(const Value& value, const DataType& type) {
  if (type.root() == TypeRoot::kDecimal) {
    const Int128 unscaled = value.is_int() ? Int128{value.int_value()} : value.big_value();
    return DecimalToDouble(unscaled, type.scale());
  }
  return value.is_int() ? static_cast<double>(value.int_value()) : value.double_value();
}

// The percentages asked for, from a literal number or array.
std::vector<double> Percentages(const Value& value, const DataType& type) {
  std::vector<double> percentages;
  if (value.is_null()) return percentages;
  if (type.root() != TypeRoot::kArray) return {NumberOf(value, type)};
  for (const Value& item : value.nested()) {
    if (!item.is_null()) percentages.push_back(NumberOf(item, type.child(0)));
  }
  return percentages;
}

class Frequencies : public AggregateObject {
 public:
  explicit Frequencies(const AggregateCall&) {}
  void Change(double value, int64_t frequency) {
    const auto place = counts_.try_emplace(value, 0).first;
    place->second += frequency;
    if (place->second == 0) counts_.erase(place);
  }
  void Merge(const Frequencies& other) {
    for (const auto& [value, count] : other.counts_) Change(value, count);
    if (percentages_.empty()) percentages_ = other.percentages_;
  }
  void SetPercentages(std::vector<double> percentages) { percentages_ = std::move(percentages); }
  const std::vector<double>& percentages() const { return percentages_; }
  bool empty() const { return counts_.empty(); }

  double At(double percentage) const {
    int64_t total = 0;
    for (const auto& [value, count] : counts_) total += count;
    const double position = static_cast<double>(total - 1) * percentage;
    const auto lower = static_cast<int64_t>(std::floor(position));
    const auto higher = static_cast<int64_t>(std::ceil(position));
    const double low = ValueAt(lower);
    if (lower == higher) return low;
    const double high = ValueAt(higher);
    if (low == high) return low;
    return (static_cast<double>(higher) - position) * low +
           (position - static_cast<double>(lower)) * high;
  }

  void Save(std::string* out) const override {
    PutUint64(percentages_.size(), out);
    for (double percentage : percentages_) PutUint64(std::bit_cast<uint64_t>(percentage), out);
    for (const auto& [value, count] : counts_) {
      PutUint64(std::bit_cast<uint64_t>(value), out);
      PutUint64(static_cast<uint64_t>(count), out);
    }
  }
  Status Load(std::string_view bytes) override {
    counts_.clear();
    percentages_.clear();
    SavedBytes saved(bytes);
    for (uint64_t left = saved.Uint64(); left > 0 && saved.ok(); --left) {
      percentages_.push_back(std::bit_cast<double>(saved.Uint64()));
    }
    while (saved.ok() && !saved.at_end()) {
      const auto value = std::bit_cast<double>(saved.Uint64());
      Change(value, static_cast<int64_t>(saved.Uint64()));
    }
    return saved.Finish();
  }
  int64_t bytes() const override {
    return static_cast<int64_t>(sizeof(*this) + counts_.size() * 64 + percentages_.size() * 8);
  }

 private:
  // The value at an index of the sorted list of all values.
  double ValueAt(int64_t index) const {
    double last = 0;
    for (const auto& [value, count] : counts_) {
      last = value;
      index -= count;
      if (index < 0) break;
    }
    return last;
  }
  std::map<double, int64_t> counts_;
  std::vector<double> percentages_;
};

double NumberAt(const Column& column, int32_t row, const DataType& type) {
  if (type.root() == TypeRoot::kDecimal) return NumberOf(GetValue(column, row, type), type);
  return VisitFixedType(column.type, [&]<typename T>(T) -> double {
    if constexpr (std::is_arithmetic_v<T>) {
      return static_cast<double>(ColumnReader<T>(column)[row]);
    } else {
      return 0;
    }
  });
}

void Accumulate(const AggregateCall& call, const AggregateRows& rows) {
  for (size_t i = 0; i < rows.states.size(); ++i) {
    const int32_t row = rows.rows[i];
    int64_t frequency = 1;
    if (rows.arguments.size() > 2) {
      frequency = static_cast<int64_t>(NumberAt(rows.arguments[2], row, call.argument_types[2]));
      if (frequency <= 0) continue;
    }
    const double value = NumberAt(rows.arguments[0], row, call.argument_types[0]);
    if (std::isnan(value)) continue;
    Frequencies& object = ObjectAt<Frequencies>(rows.states[i], call);
    if (object.percentages().empty()) {
      const DataType& type = call.argument_types[1];
      object.SetPercentages(Percentages(GetValue(rows.arguments[1], row, type), type));
    }
    const bool add = rows.additions == nullptr || rows.additions[i] != 0;
    object.Change(value, add ? frequency : -frequency);
  }
}

void Merge(const AggregateCall& call, std::span<std::byte* const> into,
           std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    const Frequencies* other = ObjectOrNull<Frequencies>(from[i]);
    if (other != nullptr) ObjectAt<Frequencies>(into[i], call).Merge(*other);
  }
}

void Emit(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
          Column* out) {
  const bool array = call.result_type.root() == TypeRoot::kArray;
  ColumnBuilder builder(call.result_type, pool);
  for (std::byte* state : states) {
    const Frequencies* object = ObjectOrNull<Frequencies>(state);
    if (object == nullptr || object->empty() || object->percentages().empty()) {
      builder.AppendNull();
    } else if (!array) {
      builder.Append(object->At(object->percentages()[0]));
    } else {
      for (double percentage : object->percentages()) {
        builder.child(0).Append(object->At(percentage));
      }
      builder.CloseNested();
    }
  }
  *out = builder.Finish();
}

Result<AggregateTyping> Infer(const CallInfo& call) {
  constexpr std::string_view kForms =
      "PERCENTILE(expr <NUMERIC>, percentage [<NUMERIC NOT NULL> | ARRAY<NUMERIC NOT NULL> NOT "
      "NULL])' or 'PERCENTILE(expr, percentage, frequency <INTEGER_NUMERIC>)";
  const ArgumentInfo& percentage = call.arguments[1];
  const bool array = percentage.type.root() == TypeRoot::kArray;
  const DataType& number = array ? percentage.type.child(0) : percentage.type;
  const bool right = IsNumeric(call.arguments[0].type.root()) && IsNumeric(number.root()) &&
                     (call.arguments.size() < 3 || IsInteger(call.arguments[2].type.root()));
  if (!right) return WrongArgumentTypes("PERCENTILE", call, kForms);
  if (percentage.literal != nullptr) {
    for (double value : Percentages(*percentage.literal, percentage.type)) {
      if (value < 0 || value > 1) {
        return InvalidSql(
            fmt::format("Percentage of PERCENTILE should be between [0.0, 1.0], but was '{}'.",
                        DoubleToString(value)));
      }
    }
  }
  AggregateTyping typing{array ? DataType::Array(DataType::Double()) : DataType::Double(), {}};
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(argument.type);
  }
  return typing;
}

Result<Kernel> PercentileKernel(const AggregateCall&) {
  return Kernel{.state_bytes = sizeof(AggregateObject*),
                .is_object = true,
                .make_object = MakeAggregateObject<Frequencies>,
                .accumulate = Accumulate,
                .merge = Merge,
                .emit = Emit};
}

constexpr std::array kTable = {
    AggregateDef{
        .name = "PERCENTILE",
        .signature = "(NUMERIC, percentage [, frequency INT]) -> DOUBLE",
        .doc = "The exact percentile of the values; with an array of percentages an array.",
        .example = "PERCENTILE(age, 0.5)",
        .min_arguments = 2,
        .max_arguments = 3,
        .infer = Infer,
        .kernel = PercentileKernel},
};

}  // namespace

std::span<const AggregateDef> PercentileAggregates() {
  return kTable;
}

}  // namespace rhei

// 'datagen': made-up rows. Each column is random within bounds, or a sequence that ends the source.
// Runs on one shard; the row number is its position, so it restores exactly (random values are
// drawn from the row number, not from a stream of draws).
#include "connectors/datagen/datagen.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "columnar/batch_builder.h"
#include "connectors/datagen/generator.h"
#include "types/decimal.h"
#include "types/option_values.h"
#include "types/table_options.h"

namespace rhei {
namespace {

constexpr OptionDef kOptions[] = {
    {.key = "connector", .required = true, .doc = "'datagen'."},
    {.key = "rows-per-second",
     .type = OptionType::kInt,
     .default_value = "10000",
     .doc = "Rows a second at most."},
    {.key = "number-of-rows",
     .type = OptionType::kInt,
     .doc = "Rows in all; without it the source is unbounded (unless a sequence ends it)."},
    {.key = "scan.parallelism", .type = OptionType::kInt, .doc = "Accepted; one shard generates."},
    {.key = "fields.#.kind",
     .type = OptionType::kEnum,
     .default_value = "random",
     .choices = "random|sequence",
     .doc = "Generator of the column."},
    {.key = "fields.#.min", .doc = "Smallest value of a random number."},
    {.key = "fields.#.max", .doc = "Largest value of a random number."},
    {.key = "fields.#.max-past",
     .type = OptionType::kDuration,
     .default_value = "0 ms",
     .doc = "A random timestamp is at most this long ago."},
    {.key = "fields.#.length",
     .type = OptionType::kInt,
     .doc = "Length of a random string (100) or collection (3, at most for MAP and MULTISET)."},
    {.key = "fields.#.var-len",
     .type = OptionType::kBool,
     .default_value = "false",
     .doc = "Lengths vary between 0 and `length`."},
    {.key = "fields.#.start", .doc = "First value of a sequence."},
    {.key = "fields.#.end", .doc = "Last value of a sequence."},
    {.key = "fields.#.null-rate",
     .type = OptionType::kDouble,
     .default_value = "0",
     .doc = "Share of NULLs, 0 to 1."},
};

// A well-mixed 64-bit value of (seed, row, column): the finaliser of splitmix64.
uint64_t Draw(uint64_t seed, uint64_t row, uint64_t column) {
  uint64_t x = seed + row * 0x9E3779B97F4A7C15ull + column * 0xD1B54A32D192ED03ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

double UnitDouble(uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

class Rows final : public RowSource {
 public:
  Rows(std::vector<Generator> generators, int64_t row_count_max, int64_t rows_per_second,
       const SourceRequest& request)
      : generators_(std::move(generators)),
        row_count_max_(row_count_max),
        rows_per_second_(rows_per_second),
        seed_(request.settings->random_seed + 0x5EED),
        clock_(request.env->clock),
        builder_(request.output) {}

  Result<PollResult> Next(int32_t rows_max, Batch* batch, int64_t* wake_micros) override {
    if (next_ >= row_count_max_) return PollResult::kEnd;
    const int64_t now = clock_->WallMicros();
    if (started_micros_ < 0) {
      started_micros_ = now;
      first_ = next_;
    }
    // By the schedule `due` rows should be out by now; a tenth of a second's rows may come at once.
    const double elapsed_seconds = static_cast<double>(now - started_micros_) / 1e6;
    const auto due =
        static_cast<int64_t>(elapsed_seconds * static_cast<double>(rows_per_second_)) + 1;
    const int64_t allowed = std::min(due - (next_ - first_), row_count_max_ - next_);
    if (allowed <= 0) {
      *wake_micros = now + std::max<int64_t>(1000, 1000000 / rows_per_second_);
      return PollResult::kNothing;
    }
    const int64_t rows = std::min<int64_t>(allowed, rows_max);
    for (int64_t i = 0; i < rows; ++i) AppendRow(static_cast<uint64_t>(next_++), now);
    *batch = builder_.Finish();
    return PollResult::kChunk;
  }
  std::string Snapshot() override { return std::to_string(next_); }
  Status Restore(std::string_view state) override {
    std::from_chars(state.data(), state.data() + state.size(), next_);
    return {};
  }

 private:
  void AppendRow(uint64_t row, int64_t now_micros) {
    for (size_t c = 0; c < generators_.size(); ++c) {
      const Generator& generator = generators_[c];
      if (IsNull(generator, Draw(~seed_, row, c))) {
        builder_.column(c).AppendNull();
      } else {
        builder_.column(c).AppendValue(Make(generator, row, Draw(seed_, row, c), now_micros));
      }
    }
    builder_.FinishRow();
  }

  static bool IsNull(const Generator& generator, uint64_t bits) {
    return generator.null_rate > 0 && UnitDouble(bits) < generator.null_rate;
  }

  static Value Make(const Generator& generator, uint64_t row, uint64_t bits, int64_t now_micros) {
    const DataType& type = generator.type;
    if (generator.sequence) return FromInt(generator.start + static_cast<int64_t>(row), type);
    switch (type.root()) {
      case TypeRoot::kBoolean: return Value::Bool((bits & 1) != 0);
      case TypeRoot::kTinyInt:
      case TypeRoot::kSmallInt:
      case TypeRoot::kInt:
      case TypeRoot::kBigInt:
      case TypeRoot::kIntervalYearMonth:
      case TypeRoot::kIntervalDayTime: {
        const uint64_t span =
            static_cast<uint64_t>(generator.int_max) - static_cast<uint64_t>(generator.int_min) + 1;
        const uint64_t offset = span == 0 ? bits : bits % span;
        return Value::Int(static_cast<int64_t>(static_cast<uint64_t>(generator.int_min) + offset));
      }
      case TypeRoot::kFloat:
      case TypeRoot::kDouble:
        return Value::Double(generator.min + UnitDouble(bits) * (generator.max - generator.min));
      case TypeRoot::kDecimal: {
        const double v = generator.min + UnitDouble(bits) * (generator.max - generator.min);
        const auto unscaled = DecimalFromDouble(v, {type.precision(), type.scale()});
        if (!unscaled.has_value()) return Value::Null();
        return type.precision() <= 18 ? Value::Int(static_cast<int64_t>(*unscaled))
                                      : Value::Big(*unscaled);
      }
      case TypeRoot::kTimestamp:
      case TypeRoot::kTimestampLtz: {
        const int64_t past =
            generator.max_past_ms == 0
                ? 0
                : static_cast<int64_t>(bits % static_cast<uint64_t>(generator.max_past_ms + 1));
        const int64_t micros = FloorDiv(now_micros, 1000) * 1000 - past * 1000;
        return type.precision() <= 6 ? Value::Int(micros) : Value::Time9({micros, 0});
      }
      case TypeRoot::kDate: return Value::Int(FloorDiv(now_micros, kMicrosPerDay));
      case TypeRoot::kTime: return Value::Int(FloorMod(now_micros, kMicrosPerDay) / 1000);
      case TypeRoot::kChar:
      case TypeRoot::kVarchar:
      case TypeRoot::kBinary:
      case TypeRoot::kVarbinary: return Value::Text(Text(generator, bits));
      case TypeRoot::kArray:
      case TypeRoot::kMultiset:
      case TypeRoot::kMap:
      case TypeRoot::kRow: return Nested(generator, row, bits, now_micros);
      case TypeRoot::kNull:
      case TypeRoot::kRaw:
      case TypeRoot::kVariant:
      case TypeRoot::kBitmap:
      case TypeRoot::kSymbol: return Value::Null();
    }
    return Value::Null();
  }

  static std::string Text(const Generator& generator, uint64_t bits) {
    int64_t length = generator.length;
    if (generator.variable_length && length > 0) {
      length = static_cast<int64_t>(Draw(bits, 1, 1) % static_cast<uint64_t>(length)) + 1;
    }
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text;
    for (int64_t i = 0; i < length; ++i) {
      if (i % 16 == 0) bits = Draw(bits, static_cast<uint64_t>(i), 7);
      text += kHex[(bits >> (4 * (i % 16))) & 15];
    }
    return text;
  }

  static Value MakePart(const Generator& part, uint64_t row, uint64_t bits, int64_t now_micros) {
    if (IsNull(part, Draw(bits, 0, 9))) return Value::Null();
    return Make(part, row, bits, now_micros);
  }

  static Value Nested(const Generator& generator, uint64_t row, uint64_t bits, int64_t now_micros) {
    Value::List list;
    const TypeRoot root = generator.type.root();
    if (root == TypeRoot::kRow) {
      for (size_t i = 0; i < generator.parts.size(); ++i) {
        list.push_back(MakePart(generator.parts[i], row, Draw(bits, i, 3), now_micros));
      }
      return Value::Nested(std::move(list));
    }
    for (int64_t i = 0; i < generator.length; ++i) {
      const uint64_t item = Draw(bits, static_cast<uint64_t>(i), 5);
      Value first = MakePart(generator.parts[0], row, item, now_micros);
      if (root != TypeRoot::kArray && HasKey(list, first)) continue;
      list.push_back(std::move(first));
      if (root == TypeRoot::kMap) {
        list.push_back(MakePart(generator.parts[1], row, Draw(item, 1, 5), now_micros));
      } else if (root == TypeRoot::kMultiset) {
        list.push_back(Value::Int(1));
      }
    }
    return Value::Nested(std::move(list));
  }

  // Of a list of keys and values in turn.
  static bool HasKey(const Value::List& list, const Value& key) {
    for (size_t i = 0; i < list.size(); i += 2) {
      if (list[i] == key) return true;
    }
    return false;
  }

  static Value FromInt(int64_t value, const DataType& type) {
    switch (type.root()) {
      case TypeRoot::kChar:
      case TypeRoot::kVarchar: return Value::Text(std::to_string(value));
      case TypeRoot::kBinary:
      case TypeRoot::kVarbinary: {
        std::string bytes;
        for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
        return Value::Text(bytes);
      }
      case TypeRoot::kFloat:
      case TypeRoot::kDouble: return Value::Double(static_cast<double>(value));
      case TypeRoot::kDecimal: {
        const Int128 unscaled = Int128{value} * PowerOfTen(type.scale());
        return type.precision() <= 18 ? Value::Int(static_cast<int64_t>(unscaled))
                                      : Value::Big(unscaled);
      }
      default: return Value::Int(value);
    }
  }

  std::vector<Generator> generators_;
  int64_t row_count_max_;
  int64_t rows_per_second_;
  uint64_t seed_;
  Clock* clock_;
  BatchBuilder builder_;
  int64_t next_ = 0;
  int64_t first_ = 0;
  int64_t started_micros_ = -1;
};

class Datagen final : public ConnectorFactory {
 public:
  std::string_view name() const override { return "datagen"; }
  std::span<const OptionDef> options() const override { return kOptions; }
  bool makes_rows() const override { return true; }

  Result<ConnectorDescription> Describe(const Options& given, const Schema& schema) const override {
    const std::span<const OptionDef> tables[] = {kOptions, CommonTableOptions()};
    RETURN_IF_ERROR(CheckOptions(name(), tables, given));
    ConnectorDescription description;
    description.connector = name();
    description.can_scan = true;
    description.bounded = given.contains("number-of-rows");
    OptionKeys taken;
    for (const Field& field : schema.fields) {
      ASSIGN_OR_RETURN(const Generator generator, MakeGenerator(given, field, &taken));
      description.bounded |= generator.sequence;
    }
    RETURN_IF_ERROR(RefuseOtherColumnOptions(given, taken));
    return description;
  }

  Result<std::unique_ptr<RowSource>> MakeRowSource(const SourceRequest& request) const override {
    std::vector<Generator> generators;
    OptionKeys taken;
    int64_t row_count_max = INT64_MAX;
    for (const Field& field : request.output.fields) {
      ASSIGN_OR_RETURN(Generator generator, MakeGenerator(request.options, field, &taken));
      generators.push_back(std::move(generator));
    }
    // A sequence ends the source even when its column is not read.
    for (const Field& field : request.scan.table.fields) {
      ASSIGN_OR_RETURN(const Generator generator, MakeGenerator(request.options, field, &taken));
      if (generator.sequence) {
        row_count_max = std::min(row_count_max, generator.end - generator.start + 1);
      }
    }
    if (const auto limit = request.options.find("number-of-rows"); limit != request.options.end()) {
      ASSIGN_OR_RETURN(const int64_t rows, ParseIntOption(limit->second));
      row_count_max = std::min(row_count_max, rows);
    }
    ASSIGN_OR_RETURN(const int64_t rate,
                     ParseIntOption(OptionValue(kOptions, request.options, "rows-per-second")));
    if (rate <= 0) return InvalidArgument("option 'rows-per-second' must be positive");
    return std::unique_ptr<RowSource>(
        std::make_unique<Rows>(std::move(generators), row_count_max, rate, request));
  }
};

}  // namespace

const ConnectorFactory* DatagenConnector() {
  static const Datagen connector;
  return &connector;
}

}  // namespace rhei

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "functions/agg_tables.h"
#include "functions/agg_value.h"
#include "functions/counted_values.h"
#include "types/bitmap.h"

namespace rhei {
namespace {

const AggregateDef& Find(std::string_view name) {
  for (const auto table : AllAggregateTables()) {
    for (const AggregateDef& def : table) {
      if (def.name == name) return def;
    }
  }
  ADD_FAILURE() << name;
  return AllAggregateTables()[0][0];
}

// One group of one aggregate call, driven as an operator does.
class Group {
 public:
  Group(std::string_view name, std::vector<DataType> types, bool retracts = false,
        std::vector<Value> literals = {})
      : def_(Find(name)) {
    std::vector<ArgumentInfo> infos;
    literals.resize(types.size());
    for (size_t i = 0; i < types.size(); ++i) {
      infos.push_back({types[i], literals[i].is_null() ? nullptr : &literals[i], {}});
    }
    Result<AggregateTyping> typing = def_.infer({infos});
    EXPECT_TRUE(typing.ok());
    call_ = {typing->argument_types, literals, typing->result, retracts, true};
    kernel_ = def_.kernel(call_).value();
    state_.assign((kernel_.state_bytes + 7) / 8, 0);
  }
  Group(Group&&) = default;
  ~Group() {
    if (kernel_.is_object && !state_.empty()) {
      delete *reinterpret_cast<AggregateObject**>(state_.data());
    }
  }
  const DataType& type() const { return call_.result_type; }
  Group& Add(const Value& value) { return Change(value, true); }
  Group& With(const Value& second) {
    second_ = second;
    return *this;
  }
  Group& Retract(const Value& value) { return Change(value, false); }
  Group& Change(const Value& value, bool add) {
    if (value.is_null() && !def_.null_arguments) return *this;
    std::vector<Column> columns;
    if (!call_.argument_types.empty()) {
      ColumnBuilder builder(call_.argument_types[0]);
      builder.AppendValue(value);
      columns.push_back(builder.Finish());
    }
    // The other arguments are literals, or what With() set.
    for (size_t i = 1; i < call_.argument_types.size(); ++i) {
      const Value& argument = call_.literals[i].is_null() ? second_ : call_.literals[i];
      columns.push_back(MakeConstant(argument, call_.argument_types[i], 1));
    }
    std::byte* const states[] = {state()};
    const int32_t rows[] = {0};
    const uint8_t additions[] = {static_cast<uint8_t>(add)};
    kernel_.accumulate(call_, {states, rows, columns, add ? nullptr : additions});
    return *this;
  }
  Group& Merge(Group& other) {
    std::byte* const into[] = {state()};
    std::byte* const from[] = {other.state()};
    kernel_.merge(call_, std::span(into), std::span(from));
    return *this;
  }
  // Saves and loads the object, as a checkpoint does.
  Group& Restore() {
    if (!kernel_.is_object) return *this;
    AggregateObject*& object = *reinterpret_cast<AggregateObject**>(state_.data());
    if (object == nullptr) return *this;
    std::string bytes;
    object->Save(&bytes);
    delete object;
    object = kernel_.make_object(call_).release();
    EXPECT_TRUE(object->Load(bytes).ok());
    return *this;
  }
  int64_t bytes() { return (*reinterpret_cast<AggregateObject**>(state_.data()))->bytes(); }
  Value Get() {
    std::byte* const states[] = {state()};
    Column column;
    kernel_.emit(call_, std::span(states), nullptr, &column);
    EXPECT_EQ(column.row_count, 1);
    return GetValue(column, 0, call_.result_type);
  }

 private:
  std::byte* state() { return reinterpret_cast<std::byte*>(state_.data()); }
  const AggregateDef& def_;
  AggregateCall call_;
  AggregateDef::Kernel kernel_;
  std::vector<uint64_t> state_;
  Value second_;
};

Value I(int64_t v) {
  return Value::Int(v);
}
Value D(double v) {
  return Value::Double(v);
}
Value S(std::string v) {
  return Value::Text(std::move(v));
}
const double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Count, TakesNoArgumentsAndIsNeverNull) {
  Group count("COUNT", {});
  EXPECT_EQ(count.type(), DataType::BigInt(false));
  EXPECT_EQ(count.Get(), I(0));
  EXPECT_EQ(count.Add(I(1)).Add(I(1)).Retract(I(1)).Get(), I(1));
}

TEST(Sum, IntegersWrapInTheirOwnType) {
  Group tiny("SUM", {DataType::TinyInt()});
  EXPECT_EQ(tiny.type(), DataType::TinyInt());
  EXPECT_EQ(tiny.Add(I(100)).Add(I(100)).Add(I(100)).Get(), I(44));
  Group plain("SUM", {DataType::Int()});
  EXPECT_EQ(plain.Add(I(2147483647)).Add(I(1)).Get(), I(-2147483648));
}

TEST(Sum, IsNullWithoutRowsAndAgainAfterRetraction) {
  Group sum("SUM", {DataType::Int()}, true);
  EXPECT_TRUE(sum.Get().is_null());
  EXPECT_EQ(sum.Add(I(5)).Add(Value::Null()).Get(), I(5));
  EXPECT_TRUE(sum.Retract(I(5)).Get().is_null());
  EXPECT_EQ(Group("$SUM0", {DataType::BigInt()}).Get(), I(0));
}

TEST(Sum, DecimalHasThirtyEightDigitsAndOverflowsToNull) {
  Group sum("SUM", {DataType::Decimal(10, 2)});
  EXPECT_EQ(sum.type(), DataType::Decimal(38, 2));
  EXPECT_EQ(sum.Add(I(110)).Add(I(225)).Add(I(226)).Get(), Value::Big(561));
  Int128 large = 1;
  for (int i = 0; i < 37; ++i) large *= 10;
  Group wide("SUM", {DataType::Decimal(38, 0)});
  EXPECT_EQ(wide.Add(Value::Big(large * 9)).Get(), Value::Big(large * 9));
  EXPECT_TRUE(wide.Add(Value::Big(large)).Get().is_null());
}

TEST(Sum, FloatAddsUpInSinglePrecision) {
  Group sum("SUM", {DataType::Float()});
  EXPECT_EQ(sum.Add(D(16777216)).Add(D(1)).Get(), D(16777216));
}

TEST(Average, TruncatesIntegersAndWidensDecimals) {
  EXPECT_EQ(Group("AVG", {DataType::Int()}).Add(I(-1)).Add(I(-2)).Get(), I(-1));
  EXPECT_EQ(Group("AVG", {DataType::TinyInt()}).Add(I(100)).Add(I(100)).Add(I(100)).Get(), I(100));
  Group decimal("AVG", {DataType::Decimal(10, 2)});
  EXPECT_EQ(decimal.type(), DataType::Decimal(38, 6));
  EXPECT_EQ(decimal.Add(I(110)).Add(I(225)).Add(I(226)).Get(), Value::Big(1870000));
  EXPECT_EQ(decimal.Add(I(1)).Add(I(1)).Add(I(4)).Get(), Value::Big(945000));
  Group thirds("AVG", {DataType::Decimal(3, 0)});
  EXPECT_EQ(thirds.Add(I(-1)).Add(I(-1)).Add(I(0)).Get(), Value::Big(-666667));
}

TEST(Average, FloatDividesADoubleSum) {
  Group average("AVG", {DataType::Float()});
  average.Add(D(1.5)).Add(D(2.5)).Add(D(2.5));
  EXPECT_EQ(average.Get(), D(static_cast<double>(static_cast<float>(6.5 / 3))));
}

TEST(MinMax, NanStaysOnlyWhenItComesFirst) {
  EXPECT_TRUE(
      std::isnan(Group("MAX", {DataType::Double()}).Add(D(kNan)).Add(D(3)).Get().double_value()));
  EXPECT_EQ(Group("MAX", {DataType::Double()}).Add(D(2.5)).Add(D(kNan)).Add(D(3)).Get(), D(3));
  EXPECT_EQ(Group("MIN", {DataType::Double()}).Add(D(2.5)).Add(D(kNan)).Get(), D(2.5));
}

TEST(MinMax, RetractionBringsBackTheNextBest) {
  Group max("MAX", {DataType::Int()}, true);
  max.Add(I(1)).Add(I(9)).Add(I(9)).Add(I(5)).Retract(I(9));
  EXPECT_EQ(max.Get(), I(9));
  EXPECT_EQ(max.Retract(I(9)).Restore().Get(), I(5));
  EXPECT_TRUE(max.Retract(I(5)).Retract(I(1)).Get().is_null());
  Group wide("MIN", {DataType::Decimal(30, 0)}, true);
  EXPECT_EQ(wide.Add(Value::Big(7)).Add(Value::Big(-3)).Restore().Get(), Value::Big(-3));
  Group text("MIN", {DataType::String()}, true);
  text.Add(S("beta")).Add(S("alpha, which is longer than inline")).Restore();
  EXPECT_EQ(text.Get(), S("alpha, which is longer than inline"));
  EXPECT_EQ(text.Retract(S("alpha, which is longer than inline")).Get(), S("beta"));
}

TEST(MinMax, StringsCompareByBytesAndMerge) {
  Group a("MAX", {DataType::String()});
  Group b("MAX", {DataType::String()});
  b.Merge(a);
  EXPECT_TRUE(b.Get().is_null());
  EXPECT_EQ(b.Merge(a.Add(S("z")).Add(S("\xC3\xA4"))).Get(), S("\xC3\xA4"));
}

TEST(Variance, FollowsTheOracle) {
  const auto values = {I(4096), I(8192), I(12288)};
  const auto check = [&](std::string_view name, int64_t expected) {
    Group group(name, {DataType::BigInt()});
    for (const Value& value : values) group.Add(value);
    EXPECT_EQ(group.Get(), I(expected)) << name;
  };
  check("VAR_POP", 11184810);
  check("STDDEV_POP", 3344);
  check("VAR_SAMP", 16777216);
  check("STDDEV_SAMP", 4096);
  Group decimal("VAR_POP", {DataType::Decimal(10, 2)});
  EXPECT_EQ(decimal.Add(I(110)).Add(I(225)).Add(I(226)).Get(), Value::Big(296467));
}

TEST(Variance, OneValueHasNoSampleVarianceAndNotNullReadsMinusOne) {
  EXPECT_TRUE(Group("VAR_SAMP", {DataType::Double()}).Add(D(1)).Get().is_null());
  EXPECT_EQ(Group("VAR_SAMP", {DataType::Double(false)}).Add(D(1.5)).Get(), D(-1));
}

TEST(Variance, SurvivesARetractionOfAnUnknownValue) {
  Group group("VAR_POP", {DataType::Double()}, true);
  group.Add(D(0.27)).Add(D(0.28)).Retract(D(0.27)).Add(D(0.3)).Retract(D(0.27));
  group.Retract(D(0.3)).Retract(D(0.28)).Add(D(0.27)).Add(D(0.5));
  EXPECT_EQ(group.Get(), D(0));
}

TEST(Variance, MergesLikeOneRun) {
  Group a("VAR_POP", {DataType::Double()});
  Group b("VAR_POP", {DataType::Double()});
  a.Add(D(1)).Add(D(2));
  b.Add(D(4)).Add(D(7)).Add(D(11));
  EXPECT_NEAR(a.Merge(b).Get().double_value(), 13.2, 1e-9);
}

TEST(FirstLast, FollowArrivalAndRetractTheFirstEqual) {
  Group first("FIRST_VALUE", {DataType::String()}, true);
  first.Add(S("a")).Add(S("b")).Add(S("a"));
  EXPECT_EQ(first.Retract(S("a")).Restore().Get(), S("b"));
  Group last("LAST_VALUE", {DataType::Int()}, true);
  last.Add(I(1)).Add(I(2)).Add(I(1));
  EXPECT_EQ(last.Retract(I(1)).Get(), I(1));
  EXPECT_EQ(last.Retract(I(1)).Get(), I(2));
  EXPECT_EQ(Group("LAST_VALUE", {DataType::Int()}).Add(I(1)).Add(Value::Null()).Get(), I(1));
}

TEST(FirstLast, KeepNestedValues) {
  const DataType type = DataType::Array(DataType::Int());
  Group first("FIRST_VALUE", {type});
  const Value one = Value::Nested({I(1), Value::Null()});
  EXPECT_EQ(first.Add(one).Add(Value::Nested({I(3)})).Restore().Get(), one);
}

TEST(ListAgg, JoinsInOrderOfArrival) {
  Group list("LISTAGG", {DataType::String(), DataType::Char(1, false)}, true, {{}, S("-")});
  list.Add(S("a")).Add(S("b")).Add(S("a")).Add(Value::Null());
  EXPECT_EQ(list.Get(), S("a-b-a"));
  EXPECT_EQ(list.Retract(S("a")).Restore().Get(), S("b-a"));
  EXPECT_TRUE(list.Retract(S("a")).Retract(S("b")).Get().is_null());
  Group plain("LISTAGG", {DataType::Char(3)});
  EXPECT_EQ(plain.type(), DataType::Char(3));
  EXPECT_EQ(plain.Add(S("abc")).Add(S("")).Restore().Get(), S("abc,"));
}

TEST(ListAgg, ForgetsAnAdditionThatWasRetractedBefore) {
  Group list("LISTAGG", {DataType::String()}, true);
  list.Retract(S("late")).Restore().Add(S("x")).Add(S("late"));
  EXPECT_EQ(list.Get(), S("x"));
}

TEST(ArrayAgg, KeepsNullsAndIsNullWithoutRows) {
  Group array("ARRAY_AGG", {DataType::Int()}, true);
  EXPECT_EQ(array.type(), DataType::Array(DataType::Int()));
  EXPECT_TRUE(array.Get().is_null());
  array.Add(I(3)).Add(Value::Null()).Restore();
  EXPECT_EQ(array.Get(), Value::Nested({I(3), Value::Null()}));
  EXPECT_EQ(array.Retract(Value::Null()).Get(), Value::Nested({I(3)}));
  Group other("ARRAY_AGG", {DataType::Int()});
  Group more("ARRAY_AGG", {DataType::Int()});
  more.Add(I(2));
  EXPECT_EQ(other.Add(I(1)).Merge(more).Restore().Get(), Value::Nested({I(1), I(2)}));
}

TEST(Collect, CountsEqualValues) {
  Group set("COLLECT", {DataType::String(false)}, true);
  EXPECT_EQ(set.type(), DataType::Multiset(DataType::String(false), false));
  EXPECT_EQ(set.Get(), Value::Nested({}));
  set.Add(S("x")).Add(S("y")).Add(S("x")).Retract(S("y")).Restore();
  EXPECT_EQ(set.Get(), Value::Nested({S("x"), I(2)}));
}

TEST(JsonAgg, ObjectsAreSortedAndForgetRetractedKeys) {
  Group object("JSON_OBJECTAGG", {DataType::String(), DataType::Int(), DataType::Symbol()}, true,
               {{}, {}, S("NULL ON NULL")});
  EXPECT_EQ(object.type(), DataType::Varchar(2000, false));
  EXPECT_EQ(object.Get(), S("{}"));
  object.With(I(3)).Add(S("b")).With(Value::Null()).Add(S("a"));
  EXPECT_EQ(object.Restore().Get(), S("{\"a\":null,\"b\":3}"));
  EXPECT_EQ(object.With(I(3)).Retract(S("b")).Get(), S("{\"a\":null}"));
}

TEST(JsonAgg, ArraysLeaveOutNullsUnlessTold) {
  Group array("JSON_ARRAYAGG", {DataType::Int(), DataType::Symbol()}, true,
              {{}, S("ABSENT ON NULL")});
  array.Add(I(1)).Add(I(2)).Add(Value::Null()).Add(I(3)).Retract(I(2));
  EXPECT_EQ(array.Restore().Get(), S("[1,3]"));
  Group nulls("JSON_ARRAYAGG", {DataType::String(), DataType::Symbol()}, false,
              {{}, S("NULL ON NULL")});
  EXPECT_EQ(nulls.Add(S("x")).Add(Value::Null()).Get(), S("[\"x\",null]"));
}

TEST(Percentile, InterpolatesAsTheOracle) {
  const DataType percentages = DataType::Array(DataType::Decimal(2, 1, false), false);
  Group group("PERCENTILE", {DataType::Double(), percentages}, true,
              {{}, Value::Nested({I(9), I(7), I(3), I(10)})});
  for (double value : {1.0, 5.0, 4.0, 2.0, 9.0, 1.0, 4.0}) group.Add(D(value));
  group.Add(D(100)).Retract(D(100)).Restore();
  EXPECT_EQ(group.Get(), Value::Nested({D(6.600000000000001), D(4.199999999999999),
                                        D(1.7999999999999998), D(9.0)}));
  Group weighted("PERCENTILE", {DataType::Int(), DataType::Double(false), DataType::Int()}, true,
                 {{}, D(0.5), I(2)});
  EXPECT_TRUE(weighted.Get().is_null());
  EXPECT_EQ(weighted.Add(I(1)).Add(I(4)).Get(), D(2.5));
}

TEST(Percentile, RefusesPercentagesOutsideOfTheRange) {
  const Value literal = D(3);
  const ArgumentInfo arguments[] = {{DataType::Double(), nullptr, {}},
                                    {DataType::Double(false), &literal, {}}};
  EXPECT_EQ(Find("PERCENTILE").infer({arguments}).status().message(),
            "Percentage of PERCENTILE should be between [0.0, 1.0], but was '3.0'.");
}

TEST(BitmapAgg, BuildCountsNumbersOverChangingInput) {
  Group plain("BITMAP_BUILD_CARDINALITY_AGG", {DataType::Int()});
  EXPECT_TRUE(plain.Get().is_null());
  EXPECT_EQ(plain.Add(I(1)).Add(I(1)).Add(I(-1)).Restore().Get(), I(2));
  Group changing("BITMAP_BUILD_CARDINALITY_AGG", {DataType::Int()}, true);
  changing.Add(I(1)).Add(I(1)).Add(I(2)).Retract(I(1));
  EXPECT_EQ(changing.Restore().Get(), I(2));
  EXPECT_EQ(changing.Retract(I(1)).Get(), I(1));
  EXPECT_TRUE(changing.Retract(I(2)).Get().is_null());
}

TEST(BitmapAgg, CountsItsMemory) {
  Group group("BITMAP_BUILD_AGG", {DataType::Int()});
  const int64_t one = group.Add(I(1)).bytes();
  EXPECT_EQ(group.Add(I(1)).bytes(), one);
  const int64_t three = group.Add(I(70000)).Add(I(-1)).bytes();
  EXPECT_GT(three, one);
  EXPECT_EQ(group.Restore().bytes(), three);
  Group other("BITMAP_BUILD_AGG", {DataType::Int()});
  EXPECT_GT(other.Add(I(1)).Add(I(2)).Merge(group).bytes(), three);
}

TEST(BitmapAgg, CombinesBitmaps) {
  const auto bitmap = [](std::initializer_list<uint32_t> numbers) {
    Bitmap result;
    for (uint32_t number : numbers) result.Add(number);
    return Value::Text(result.Serialize());
  };
  for (const bool retracts : {false, true}) {
    Group both("BITMAP_AND_AGG", {DataType::Bitmap()}, retracts);
    both.Add(bitmap({1, 2, 3})).Add(bitmap({2, 3, 4})).Add(bitmap({1, 3, 5}));
    EXPECT_EQ(both.Restore().Get(), bitmap({3}));
    Group any("BITMAP_OR_AGG", {DataType::Bitmap()}, retracts);
    EXPECT_EQ(any.Add(bitmap({1})).Add(bitmap({2})).Restore().Get(), bitmap({1, 2}));
    Group odd("BITMAP_XOR_AGG", {DataType::Bitmap()}, retracts);
    EXPECT_EQ(odd.Add(bitmap({1, 2})).Add(bitmap({2, 3})).Restore().Get(), bitmap({1, 3}));
  }
  Group both("BITMAP_AND_AGG", {DataType::Bitmap()}, true);
  both.Add(bitmap({1, 2})).Add(bitmap({2})).Retract(bitmap({2}));
  EXPECT_EQ(both.Get(), bitmap({1, 2}));
  Group odd("BITMAP_XOR_AGG", {DataType::Bitmap()}, true);
  EXPECT_TRUE(odd.Add(bitmap({1})).Retract(bitmap({1})).Get().is_null());
}

TEST(Infer, RefusesTypesByName) {
  const ArgumentInfo text[] = {{DataType::String(), nullptr, {}}};
  EXPECT_EQ(Find("SUM").infer({text}).status().code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Find("AVG").infer({text}).status().code(), ErrorCode::kInvalidSql);
  const ArgumentInfo array[] = {{DataType::Array(DataType::Int()), nullptr, {}}};
  EXPECT_EQ(Find("MAX").infer({array}).status().code(), ErrorCode::kInvalidSql);
}

TEST(CountedValues, CountsMayBeNegative) {
  CountedValues values;
  EXPECT_EQ(values.Add("a", 1), 1);
  EXPECT_EQ(values.Add("a", 1), 2);
  EXPECT_EQ(values.Add("a", -2), 0);
  EXPECT_TRUE(values.empty());
  EXPECT_EQ(values.Add("early", -1), -1);
  EXPECT_EQ(values.CountOf("early"), -1);
  EXPECT_EQ(values.Add("early", 2), 1);
}

TEST(CountedValues, HoldsManyValuesAndDropsDeadOnes) {
  CountedValues values;
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(values.Add("a value with a number " + std::to_string(i), 1), 1);
    if (i % 3 != 0) {
      EXPECT_EQ(values.Add("a value with a number " + std::to_string(i), -1), 0);
    }
  }
  EXPECT_EQ(values.live_values(), 1667u);
  std::string bytes;
  values.Save(&bytes);
  CountedValues restored;
  ASSERT_TRUE(restored.Load(bytes).ok());
  EXPECT_EQ(restored.live_values(), 1667u);
  EXPECT_EQ(restored.CountOf("a value with a number 3"), 1);
  EXPECT_EQ(restored.CountOf("a value with a number 4"), 0);
  EXPECT_FALSE(restored.Load(std::string_view(bytes).substr(0, bytes.size() - 1)).ok());
  CountedValues other;
  other.Add("a value with a number 3", 1);
  other.Merge(values);
  EXPECT_EQ(other.live_values(), 1667u);
  EXPECT_EQ(other.CountOf("a value with a number 3"), 2);
}

}  // namespace
}  // namespace rhei

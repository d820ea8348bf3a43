#include "columnar/column.h"

#include <gtest/gtest.h>

#include "columnar/column_builder.h"

namespace rhei {
namespace {

Value I(int64_t v) {
  return Value::Int(v);
}
Value T(std::string v) {
  return Value::Text(std::move(v));
}
Value L(Value::List v) {
  return Value::Nested(std::move(v));
}

Column Make(const DataType& type, const Value::List& values) {
  ColumnBuilder builder(type);
  for (const Value& value : values) builder.AppendValue(value);
  return builder.Finish();
}

Value::List Read(const Column& column, const DataType& type) {
  Value::List values;
  for (int32_t row = 0; row < column.row_count; ++row) {
    values.push_back(GetValue(column, row, type));
  }
  return values;
}

struct Sample {
  DataType type;
  Value::List values;  // at least four
};

// One sample per physical type, nested ones included.
std::vector<Sample> Samples() {
  const DataType row_type =
      DataType::Row({{"i", DataType::Int(), ""}, {"s", DataType::String(), ""}});
  const std::string longer = "a string of more than twelve bytes";
  return {
      {DataType::Boolean(), {Value::Bool(true), Value(), Value::Bool(false), Value::Bool(true)}},
      {DataType::TinyInt(), {I(-1), Value(), I(7), I(127)}},
      {DataType::SmallInt(), {I(-300), I(2), Value(), I(32767)}},
      {DataType::Int(), {Value(), I(-70000), I(3), I(4)}},
      {DataType::BigInt(), {I(INT64_MIN), I(1), Value(), I(INT64_MAX)}},
      {DataType::Float(), {Value::Double(1.5), Value(), Value::Double(-2), Value::Double(0)}},
      {DataType::Double(), {Value::Double(0.1), Value::Double(1e300), Value(), Value::Double(3)}},
      {DataType::Decimal(38, 2),
       {Value::Big(Int128{1} << 100), Value(), Value::Big(-5), Value::Big(0)}},
      {DataType::Timestamp(9),
       {Value::Time9({1, 999}), Value(), Value::Time9({-1, 0}), Value::Time9({5, 5})}},
      {DataType::String(), {T(""), T("short"), Value(), T(longer)}},
      {DataType::Array(DataType::String()),
       {L({T("a"), Value(), T(longer)}), L({}), Value(), L({T("z")})}},
      {DataType::Map(DataType::String(), DataType::Int()),
       {L({T("k"), I(1), T(longer), Value()}), Value(), L({}), L({T("x"), I(2)})}},
      {DataType::Multiset(DataType::Int()), {L({I(5), I(2)}), Value(), L({}), L({I(1), I(1)})}},
      {row_type, {L({I(1), T(longer)}), Value(), L({Value(), T("b")}), L({I(3), Value()})}},
      {DataType::Array(row_type),
       {L({L({I(1), T("a")}), Value()}), L({}), Value(), L({L({I(2), T(longer)})})}},
      {DataType::Row({{"n", DataType::Array(DataType::Int()), ""}}),
       {L({L({I(1), I(2)})}), L({Value()}), Value(), L({L({})})}},
  };
}

TEST(Column, EveryTypeGoesThroughEveryOperation) {
  for (const Sample& sample : Samples()) {
    SCOPED_TRACE(sample.type.ToString());
    const Value::List& v = sample.values;
    const Column column = Make(sample.type, v);
    EXPECT_EQ(Read(column, sample.type), v);
    const Column longer_copy = CopyStrings(column);
    EXPECT_EQ(Read(longer_copy, sample.type), v);

    const std::vector<int32_t> rows = {3, 0, 0, 2, 1};
    EXPECT_EQ(Read(Gather(column, rows), sample.type), (Value::List{v[3], v[0], v[0], v[2], v[1]}));
    EXPECT_EQ(Gather(column, {}).row_count, 0);
    EXPECT_EQ(Read(Slice(column, 1, 2), sample.type), (Value::List{v[1], v[2]}));
    EXPECT_EQ(Slice(column, 4, 0).row_count, 0);

    const Column constant = MakeConstant(v[3], sample.type, 3);
    EXPECT_TRUE(constant.is_constant());
    EXPECT_EQ(Read(constant, sample.type), (Value::List{v[3], v[3], v[3]}));
    const Column flat = Flatten(constant);
    EXPECT_TRUE(flat.is_flat());
    EXPECT_EQ(Read(flat, sample.type), (Value::List{v[3], v[3], v[3]}));
    const Column nulls = MakeNulls(sample.type, 2);
    EXPECT_EQ(CountNulls(nulls), 2);
    EXPECT_EQ(CountNulls(Flatten(nulls)), 2);

    const Column middle = Slice(column, 1, 3);
    const Column* parts[] = {&middle, &constant, &nulls};
    const Column all = Concatenate(parts);
    EXPECT_EQ(Read(all, sample.type),
              (Value::List{v[1], v[2], v[3], v[3], v[3], v[3], Value(), Value()}));
    // What was put together can be cut again.
    EXPECT_EQ(Read(Slice(all, 2, 2), sample.type), (Value::List{v[3], v[3]}));
  }
}

TEST(Column, NullsAreCountedAcrossWordsOfTheBitmap) {
  ColumnBuilder builder(DataType::Int());
  for (int32_t i = 0; i < 200; ++i) {
    if (i % 3 == 0) {
      builder.AppendNull();
    } else {
      builder.Append<int32_t>(i);
    }
  }
  const Column column = builder.Finish();
  EXPECT_EQ(CountNulls(column), 67);
  const Column slice = Slice(column, 61, 130);
  for (int32_t i = 0; i < 130; ++i) {
    ASSERT_EQ(slice.IsNull(i), (i + 61) % 3 == 0) << i;
    ASSERT_EQ(slice.data<int32_t>()[i], (i + 61) % 3 == 0 ? 0 : i + 61);
  }
  const Column valid = Slice(column, 1, 2);
  EXPECT_FALSE(valid.may_have_nulls());
}

Column MakeDictionary() {
  Column column;
  column.type = PhysicalType::kString;
  column.encoding = Encoding::kDictionary;
  column.row_count = 4;
  column.values = Buffer::AllocateZeroed(4 * sizeof(int32_t));
  const int32_t codes[] = {1, 0, 0, 1};
  std::memcpy(column.values->data(), codes, sizeof(codes));
  column.validity = MakeValidity(4);
  column.validity->as<uint64_t>()[0] &= ~uint64_t{4};
  column.children.push_back(Make(DataType::String(), {T("x"), T("a string beyond the inline")}));
  return column;
}

TEST(Column, DictionariesAreReadThroughTheirCodes) {
  const Column column = MakeDictionary();
  const Value x = T("x");
  const Value s = T("a string beyond the inline");
  const DataType type = DataType::String();
  EXPECT_EQ(Read(column, type), (Value::List{s, x, Value(), s}));
  const Column flat = Flatten(column);
  EXPECT_EQ(Read(flat, type), (Value::List{s, x, Value(), s}));
  EXPECT_EQ(flat.data<StringView>()[2].size(), 0u);  // the zero under a NULL
  const std::vector<int32_t> rows = {3, 2, 1};
  const Column gathered = Gather(column, rows);
  EXPECT_EQ(gathered.encoding, Encoding::kDictionary);
  EXPECT_EQ(Read(gathered, type), (Value::List{s, Value(), x}));
  EXPECT_EQ(Read(Slice(column, 2, 2), type), (Value::List{Value(), s}));
  EXPECT_EQ(Read(CopyStrings(column), type), (Value::List{s, x, Value(), s}));
}

TEST(Column, CopyStringsLetsGoOfTheOldHeap) {
  ColumnBuilder builder(DataType::String());
  BufferPtr chunk = Buffer::CopyOf("one long string in a chunk;and another one beside it");
  builder.AddHeap(chunk);
  builder.AppendShared(StringView(std::string_view(chunk->chars(), 26)));
  builder.AppendShared(StringView(std::string_view(chunk->chars() + 27, 25)));
  const Column shared = builder.Finish();
  EXPECT_EQ(chunk.use_count(), 2);
  const Column copy = CopyStrings(Slice(shared, 1, 1));
  std::memset(chunk->data(), '#', chunk->size());
  EXPECT_EQ(copy.data<StringView>()[0].view(), "and another one beside it");
  ASSERT_EQ(copy.heaps.size(), 1u);
  EXPECT_EQ(copy.heaps[0]->size(), 25u);
}

TEST(Column, ValidityOfTwoColumnsIsJoined) {
  const Column a = Make(DataType::Int(), {I(1), Value(), I(3)});
  const Column b = Make(DataType::Int(), {I(1), I(2), Value()});
  const BufferPtr both = AndValidity(a.validity, b.validity, 3, nullptr);
  EXPECT_EQ(both->as<uint64_t>()[0] & 7, 1u);
  EXPECT_EQ(AndValidity(a.validity, nullptr, 3, nullptr), a.validity);
  EXPECT_EQ(AndValidity(nullptr, nullptr, 3, nullptr), nullptr);
}

}  // namespace
}  // namespace rhei

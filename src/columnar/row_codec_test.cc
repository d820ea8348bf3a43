#include "columnar/row_codec.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rhei {
namespace {

std::vector<DataType> ManyTypes() {
  return {DataType::Boolean(),
          DataType::SmallInt(),
          DataType::BigInt(),
          DataType::Float(),
          DataType::Decimal(30, 0),
          DataType::Timestamp(9),
          DataType::String(),
          DataType::Array(DataType::String()),
          DataType::Map(DataType::Int(), DataType::Double()),
          DataType::Row({{"a", DataType::Int(), ""}, {"b", DataType::String(), ""}})};
}

Value::List ManyValues() {
  using V = Value;
  return {V::Bool(true),
          V::Int(-2),
          V::Int(1LL << 60),
          V::Double(0.5),
          V::Big(-(Int128{1} << 90)),
          V::Time9({-3, 7}),
          V::Text(std::string(200, 'x')),
          V::Nested({V::Text("a"), V::Null(), V::Text("")}),
          V::Nested({V::Int(1), V::Null(), V::Int(2), V::Double(2)}),
          V::Nested({V::Null(), V::Text("b")})};
}

struct Encoded {
  Value::List values;
  std::string bytes;
};

// A row of values and one of NULLs, each with "rest" behind it.
std::vector<Encoded> EncodedRows(const RowCodec& codec) {
  std::vector<Encoded> rows = {{ManyValues(), ""}, {Value::List(ManyTypes().size()), ""}};
  for (Encoded& row : rows) {
    codec.EncodeValues(row.values, &row.bytes);
    row.bytes += "rest";
  }
  return rows;
}

struct Decoded {
  Status status;
  std::vector<Column> columns;
  size_t left;
};

Decoded DecodeAll(const RowCodec& codec, std::string_view bytes) {
  std::vector<ColumnBuilder> builders;
  for (const DataType& type : codec.types()) builders.emplace_back(type);
  std::vector<ColumnBuilder*> pointers;
  for (ColumnBuilder& builder : builders) pointers.push_back(&builder);
  Decoded out;
  out.status = codec.Decode(&bytes, pointers);
  out.left = bytes.size();
  if (!out.status.ok()) return out;
  for (ColumnBuilder& builder : builders) out.columns.push_back(builder.Finish());
  return out;
}

TEST(RowCodec, PassesOverWhatIsNotWanted) {
  const RowCodec codec(ManyTypes());
  for (const auto& [values, bytes] : EncodedRows(codec)) {
    for (size_t wanted = 0; wanted < codec.types().size(); ++wanted) {
      std::vector<ColumnBuilder> builders;
      for (const DataType& type : codec.types()) builders.emplace_back(type);
      std::vector<ColumnBuilder*> pointers;
      for (size_t i = 0; i < builders.size(); ++i) {
        const bool nested = codec.types()[i].child_count() > 0;
        pointers.push_back(i == wanted || nested ? &builders[i] : nullptr);
      }
      std::string_view left = bytes;
      ASSERT_TRUE(codec.Decode(&left, pointers).ok());
      EXPECT_EQ(left, "rest");
      const Column column = builders[wanted].Finish();
      EXPECT_EQ(GetValue(column, 0, codec.types()[wanted]), values[wanted]);
      std::string_view cut = std::string_view(bytes).substr(0, bytes.size() - 5);
      EXPECT_FALSE(codec.Decode(&cut, pointers).ok());
    }
  }
}

TEST(RowCodec, GivesBackWhatWasEncoded) {
  const RowCodec codec(ManyTypes());
  for (const auto& [values, bytes] : EncodedRows(codec)) {
    const Decoded decoded = DecodeAll(codec, bytes);
    ASSERT_TRUE(decoded.status.ok());
    EXPECT_EQ(decoded.left, 4u);
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(GetValue(decoded.columns[i], 0, codec.types()[i]), values[i]) << i;
    }
  }
}

TEST(RowCodec, EncodingsOfAColumnDoNotShow) {
  const RowCodec codec({DataType::String()});
  const Column constant = MakeConstant(Value::Text("abc"), DataType::String(), 3);
  const Column flat = Flatten(constant);
  std::string a, b;
  const Column* one[] = {&constant};
  const Column* two[] = {&flat};
  codec.Encode(one, 2, &a);
  codec.Encode(two, 2, &b);
  EXPECT_EQ(a, b);
  EXPECT_EQ(a, std::string("\0\3abc", 5));
}

TEST(RowCodec, NormalisesFloatsOnDemand) {
  const auto encode = [](bool normalise, double value) {
    std::string bytes;
    RowCodec({DataType::Double()}, normalise)
        .EncodeValues(std::vector{Value::Double(value)}, &bytes);
    return bytes;
  };
  EXPECT_EQ(encode(true, -0.0), encode(true, 0.0));
  EXPECT_EQ(encode(true, -std::nan("1")), encode(true, std::nan("")));
  EXPECT_NE(encode(false, -0.0), encode(false, 0.0));
}

TEST(RowCodec, EveryCutIsNoticedAndNoByteCrashes) {
  const RowCodec codec(ManyTypes());
  std::string bytes;
  codec.EncodeValues(ManyValues(), &bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeAll(codec, std::string_view(bytes).substr(0, size)).status.code(),
              ErrorCode::kDataError)
        << size;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    (void)DecodeAll(codec, damaged);
  }
}

}  // namespace
}  // namespace rhei

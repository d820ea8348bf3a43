#include "columnar/hash.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "columnar/column_builder.h"

namespace rhei {
namespace {

std::vector<uint64_t> Hashes(const Column& column) {
  std::vector<uint64_t> out(static_cast<size_t>(column.row_count));
  const Column* columns[] = {&column};
  HashRows(columns, column.row_count, out.data());
  return out;
}

Column Ints(int32_t count) {
  ColumnBuilder builder(DataType::BigInt());
  for (int64_t i = 0; i < count; ++i) builder.Append(i);
  return builder.Finish();
}

// Stored state depends on these numbers: they may never change.
TEST(Hash, IsFixed) {
  EXPECT_EQ(HashBytes("", 0), 4070812149948017131u);
  EXPECT_EQ(HashBytes("flink", 5), 703175739865050u);
  const std::string text(100, 'a');
  EXPECT_EQ(HashBytes(text.data(), text.size()), 18247451760977570780u);
  EXPECT_EQ(Hashes(Ints(3))[2], 11279669105482884151u);
}

TEST(Hash, EncodingDoesNotMatter) {
  ColumnBuilder builder(DataType::String());
  builder.AppendString("abc");
  builder.AppendNull();
  const Column flat = builder.Finish();
  const Column constant = MakeConstant(Value::Text("abc"), DataType::String(), 2);
  Column dictionary;
  dictionary.type = PhysicalType::kString;
  dictionary.encoding = Encoding::kDictionary;
  dictionary.row_count = 2;
  dictionary.values = Buffer::AllocateZeroed(8);
  dictionary.children.push_back(MakeConstant(Value::Text("abc"), DataType::String(), 1));
  dictionary.children[0].encoding = Encoding::kFlat;
  EXPECT_EQ(Hashes(flat)[0], Hashes(constant)[1]);
  EXPECT_EQ(Hashes(flat)[0], Hashes(dictionary)[1]);
  EXPECT_EQ(Hashes(flat)[1], Hashes(MakeNulls(DataType::String(), 1))[0]);
  EXPECT_NE(Hashes(flat)[0], Hashes(flat)[1]);
}

TEST(Hash, FloatsThatAreEqualHashEqually) {
  ColumnBuilder builder(DataType::Double());
  for (const double v : {0.0, -0.0, std::nan("1"), -std::nan("2"), 1.0}) builder.Append(v);
  const std::vector<uint64_t> hashes = Hashes(builder.Finish());
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_EQ(hashes[2], hashes[3]);
  EXPECT_NE(hashes[0], hashes[4]);
}

TEST(Hash, OrderAndNestingMatter) {
  const DataType type = DataType::Array(DataType::Array(DataType::Int()));
  const auto nested = [&](const Value& value) { return Hashes(MakeConstant(value, type, 1))[0]; };
  const Value one = Value::Int(1);
  const Value two = Value::Int(2);
  using V = Value;
  EXPECT_NE(nested(V::Nested({V::Nested({one, two})})),
            nested(V::Nested({V::Nested({one}), V::Nested({two})})));
  EXPECT_NE(nested(V::Nested({V::Nested({one, two})})), nested(V::Nested({V::Nested({two, one})})));
}

TEST(Hash, SpreadsSmallIntegersOverTheKeyGroups) {
  const std::vector<uint64_t> hashes = Hashes(Ints(12800));
  std::vector<int> counts(kKeyGroupCount, 0);
  for (const uint64_t hash : hashes) ++counts[static_cast<size_t>(KeyGroupOf(hash))];
  for (const int count : counts) {
    EXPECT_GT(count, 50);  // 100 expected, 5 standard deviations
    EXPECT_LT(count, 150);
  }
  EXPECT_EQ(std::set<uint64_t>(hashes.begin(), hashes.end()).size(), hashes.size());
}

TEST(Hash, EveryBitOfAnIntegerMovesHalfOfTheHash) {
  for (int bit = 0; bit < 64; ++bit) {
    int moved = 0;
    for (int64_t i = 0; i < 64; ++i) {
      const int64_t value = i * 1000003;
      ColumnBuilder builder(DataType::BigInt());
      builder.Append(value);
      builder.Append(static_cast<int64_t>(static_cast<uint64_t>(value) ^ (uint64_t{1} << bit)));
      const std::vector<uint64_t> hashes = Hashes(builder.Finish());
      moved += __builtin_popcountll(hashes[0] ^ hashes[1]);
    }
    EXPECT_NEAR(moved / 64.0, 32, 3) << bit;
  }
}

TEST(Hash, StringsOfEveryLengthDiffer) {
  std::set<uint64_t> seen;
  std::string text;
  for (int length = 0; length < 300; ++length) {
    EXPECT_TRUE(seen.insert(HashBytes(text.data(), text.size())).second) << length;
    if (length > 0) {
      std::string other = text;
      other[static_cast<size_t>(length / 2)] ^= 1;
      EXPECT_TRUE(seen.insert(HashBytes(other.data(), other.size())).second) << length;
    }
    text += '\0';
  }
}

// As a program apart from this one has it (docs/formats/hash.md).
TEST(Hash, AnExtendedHashStaysInItsKeyGroup) {
  EXPECT_EQ(ExtendHash(0, 0), 0x017693337969d4dbu);
  EXPECT_EQ(ExtendHash(UINT64_MAX, 1), 0xfe2b0275bd64af39u);
  EXPECT_EQ(ExtendHash(0x123456789abcdef0, -5), 0x12ec058c5bf5f738u);
}

TEST(Hash, NoColumnsIsOneConstant) {
  uint64_t out[2];
  HashRows({}, 2, out);
  EXPECT_EQ(out[0], out[1]);
}

}  // namespace
}  // namespace rhei

#include "types/bitmap.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

Bitmap Of(std::initializer_list<uint32_t> numbers) {
  Bitmap bitmap;
  for (uint32_t number : numbers) bitmap.Add(number);
  return bitmap;
}
std::string Hex(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

TEST(Bitmap, SerializesInThePortableFormat) {
  EXPECT_EQ(Hex(Bitmap().Serialize()), "3a30000000000000");
  EXPECT_EQ(Hex(Of({10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 70000}).Serialize()),
            "3b3001000100000900010000000100010009007011");
  EXPECT_EQ(Hex(Of({1, 3}).Serialize()),
            "3a300000010000000000010010000000"
            "01000300");
}

TEST(Bitmap, TellsWhichNumbersAreNew) {
  Bitmap bitmap;
  int64_t added = 0;
  for (uint32_t i = 0; i < 20000; ++i) {
    const bool is_new = bitmap.Add(i * 7 % 9000);  // an array at first, then a bit field
    ASSERT_EQ(is_new, i < 9000);
    added += is_new ? 1 : 0;
    if (i % 1000 == 0) {
      ASSERT_EQ(bitmap.cardinality(), added);
    }
  }
}

TEST(Bitmap, ReadsWhatItWrites) {
  Bitmap dense;
  for (uint32_t i = 0; i < 200000; i += 3) dense.Add(i);
  for (uint32_t i = 0xFFFF0000; i != 0; ++i) dense.Add(i);
  for (const Bitmap& bitmap : {Bitmap(), Of({0, 0xFFFFFFFF}), dense}) {
    const std::string bytes = bitmap.Serialize();
    const Result<Bitmap> read = Bitmap::Parse(bytes);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->Serialize(), bytes);
    EXPECT_EQ(read->cardinality(), bitmap.cardinality());
    for (size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 50) {
      EXPECT_FALSE(Bitmap::Parse(std::string_view(bytes).substr(0, cut)).ok());
    }
  }
}

TEST(Bitmap, CombinesAndPrints) {
  const Bitmap a = Of({1, 2, 70000});
  const Bitmap b = Of({2, 3, 0xFFFFFFFF});
  using Operation = Bitmap::Operation;
  EXPECT_EQ(Bitmap::Combine(a, b, Operation::kAnd).ToString(), "{2}");
  EXPECT_EQ(Bitmap::Combine(a, b, Operation::kOr).ToString(), "{1,2,3,70000,4294967295}");
  EXPECT_EQ(Bitmap::Combine(a, b, Operation::kXor).ToString(), "{1,3,70000,4294967295}");
  EXPECT_EQ(Bitmap::Combine(a, b, Operation::kAndNot).ToString(), "{1,70000}");
  EXPECT_EQ(Bitmap::Combine(a, a, Operation::kXor).Serialize(), Bitmap().Serialize());
}

}  // namespace
}  // namespace rhei

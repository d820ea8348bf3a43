#include "base/status.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return InvalidArgument("odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  ASSIGN_OR_RETURN(int half, Half(value));
  return Half(half);
}

TEST(Status, CarriesCodeMessageAndPosition) {
  Status status = InvalidSql("no such column", {.line = 2, .column = 7});
  EXPECT_FALSE(status.ok());
  Status copy = status.WithContext("view v").At({.line = 9, .column = 9});
  EXPECT_EQ(copy.code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(copy.message(), "view v: no such column");
  EXPECT_EQ(copy.position().line, 2);
}

TEST(Result, PropagatesTheFirstFailure) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

}  // namespace
}  // namespace rhei

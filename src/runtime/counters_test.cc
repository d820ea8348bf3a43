#include "runtime/counters.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(Counters, EquationHoldsOrNamesTheNumbers) {
  Counters counters;
  Counter* in = counters.Get("in");
  Counter* out = counters.Get("out");
  counters.DeclareEquation({"in"}, {"out", "filtered"});
  in->Add(5);
  out->Add(3);
  const Status broken = counters.Check("Calc[1]");
  EXPECT_EQ(broken.code(), ErrorCode::kDataError);
  EXPECT_EQ(broken.message(), "Calc[1]: rows are unaccounted for: in 5 is not out 3 + filtered 0");
  counters.Get("filtered")->Add(2);
  EXPECT_TRUE(counters.Check("Calc[1]").ok());
  EXPECT_EQ(counters.Read().size(), 3u);
}

TEST(Counters, FalsifyingEitherSideIsFound) {
  for (const char* name : {"in", "out", "filtered"}) {
    Counters counters;
    counters.DeclareEquation({"in"}, {"out", "filtered"});
    counters.Get("in")->Add(3);
    counters.Get("out")->Add(2);
    counters.Get("filtered")->Add(1);
    ASSERT_TRUE(counters.Check("op").ok());
    counters.Get(name)->Add(1);
    EXPECT_FALSE(counters.Check("op").ok()) << name;
  }
}

}  // namespace
}  // namespace rhei

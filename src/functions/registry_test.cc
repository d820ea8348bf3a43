#include "functions/registry.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(RegistryTest, NamesAreMatchedWithoutRegardToCase) {
  ASSERT_NE(FindFunction("AND"), nullptr);
  EXPECT_EQ(FindFunction("and"), FindFunction("AND"));
  EXPECT_EQ(FindFunction("NO_SUCH_FUNCTION"), nullptr);
  EXPECT_EQ(FindAggregate("NO_SUCH_AGGREGATE"), nullptr);
}

TEST(RegistryTest, EveryFunctionIsComplete) {
  for (const FunctionDef* def : AllFunctions()) {
    EXPECT_NE(def->infer, nullptr) << def->name;
    const bool runs =
        def->eval != nullptr || def->choose != nullptr || def->special != SpecialForm::kNone;
    EXPECT_TRUE(runs) << def->name;
    EXPECT_FALSE(def->doc.empty()) << def->name;
    EXPECT_FALSE(def->signature.empty()) << def->name;
    EXPECT_TRUE(def->max_arguments == -1 || def->min_arguments <= def->max_arguments) << def->name;
    for (char c : def->name) EXPECT_FALSE(c >= 'a' && c <= 'z') << def->name;
  }
}

TEST(RegistryTest, NearestNeedsSomeLikeness) {
  EXPECT_EQ(NearestFunction("zzzzzzzzzzzz"), "");
}

}  // namespace
}  // namespace rhei

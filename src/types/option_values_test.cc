#include "types/option_values.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(OptionValues, Durations) {
  EXPECT_EQ(ParseDurationMillis("10 s").value(), 10000);
  EXPECT_EQ(ParseDurationMillis("5min").value(), 300000);
  EXPECT_EQ(ParseDurationMillis("250").value(), 250);
  EXPECT_EQ(ParseDurationMillis("1 d").value(), 86400000);
  EXPECT_EQ(ParseDurationMillis("PT1M10S").value(), 70000);
  EXPECT_EQ(ParseDurationMillis("1500 us").value(), 1);
  EXPECT_FALSE(ParseDurationMillis("10 parsecs").ok());
  EXPECT_FALSE(ParseDurationMillis("").ok());
  EXPECT_FALSE(ParseDurationMillis("-1 s").ok());
  EXPECT_FALSE(ParseDurationMillis("9223372036854775807 d").ok());
}

TEST(OptionValues, Sizes) {
  EXPECT_EQ(ParseByteSize("64mb").value(), 64 << 20);
  EXPECT_EQ(ParseByteSize("7").value(), 7);
  EXPECT_FALSE(ParseByteSize("7 cats").ok());
}

TEST(OptionValues, CheckNamesTheUnknownTheMissingAndTheWrong) {
  constexpr OptionDef kDefs[] = {{.key = "connector", .required = true},
                                 {.key = "mode", .type = OptionType::kEnum, .choices = "fast|slow"},
                                 {.key = "fields.#.kind"},
                                 {.key = "properties.*"}};
  const std::span<const OptionDef> tables[] = {kDefs};
  EXPECT_TRUE(CheckOptions("x", tables,
                           {{"connector", "x"},
                            {"fields.a.b.kind", "random"},
                            {"properties.group.id", "g"},
                            {"mode", "FAST"}})
                  .ok());
  EXPECT_NE(CheckOptions("x", tables, {}).message().find("Missing required"), std::string::npos);
  const Status unknown = CheckOptions("x", tables, {{"connector", "x"}, {"mod", "fast"}});
  EXPECT_NE(unknown.message().find("Unsupported options found for 'x'. Did you mean 'mode'?"),
            std::string::npos);
  EXPECT_NE(
      CheckOptions("x", tables, {{"connector", "x"}, {"mode", "fats"}}).message().find("fast"),
      std::string::npos);
}

}  // namespace
}  // namespace rhei

#include "sql/splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rhei {
namespace {

std::vector<std::string> Split(std::string_view script) {
  StatementSplitter splitter(script);
  std::vector<std::string> out;
  while (std::optional<StatementText> next = splitter.Next()) {
    EXPECT_EQ(script.substr(next->offset, next->text.size()), next->text);
    out.emplace_back(std::string(next->text) + (next->terminated ? ";" : ""));
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(Splitter, EndsStatementsAtSemicolonsOnly) {
  EXPECT_EQ(Split("SELECT ';', `a;b` /* ; */ FROM t /*+ OPTIONS('a'=';') */ -- ;\n; ;SHOW TABLES"),
            (Texts{"SELECT ';', `a;b` /* ; */ FROM t /*+ OPTIONS('a'=';') */;", "SHOW TABLES"}));
  EXPECT_EQ(Split(" -- nothing\n"), Texts{});
}

TEST(Splitter, KeepsAStatementSetWhole) {
  const std::string set =
      "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN b THEN 1 END; INSERT INTO b "
      "SELECT 1; END;";
  EXPECT_EQ(Split(set + " SELECT 1;"), (Texts{set, "SELECT 1;"}));
  EXPECT_EQ(Split("BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END;"),
            (Texts{"BEGIN STATEMENT SET;", "INSERT INTO a SELECT 1;", "END;"}));
}

TEST(Splitter, AnOpenEndIsOneStatement) {
  EXPECT_EQ(Split("SELECT 1; SELECT 'a; SELECT 2;"), (Texts{"SELECT 1;", "SELECT 'a; SELECT 2;"}));
  EXPECT_EQ(Split("SELECT 1; SELECT /* a; b"), (Texts{"SELECT 1;", "SELECT /* a; b"}));
}

TEST(Splitter, TellsWhereAStatementBegins) {
  StatementSplitter splitter("SELECT 1;\n  SELECT 2");
  ASSERT_TRUE(splitter.Next().has_value());
  const std::optional<StatementText> second = splitter.Next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->start.line, 2);
  EXPECT_EQ(second->start.column, 3);
}

}  // namespace
}  // namespace rhei

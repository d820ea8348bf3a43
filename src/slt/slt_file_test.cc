#include "slt/slt_file.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(SltFile, ParsesRecords) {
  const Result<SltFile> file = ParseSltFile("a.slt",
                                            "# Purpose.\n# order-sensitive: LISTAGG\n\n"
                                            "statement ok\nSET 'a' = 'b';\n\n"
                                            "script t\n+I 1 'b c'\nwatermark 5\n\n"
                                            "stream\nSELECT 1;\n----\n+I 1\n\n"
                                            "final\n----\n1\n");
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_EQ(file->purpose, "Purpose.");
  EXPECT_EQ(file->order_sensitive, std::vector<std::string>{"LISTAGG"});
  ASSERT_EQ(file->records.size(), 4u);
  EXPECT_EQ(file->records[1].text, "t");
  EXPECT_EQ(file->records[1].expected.size(), 2u);
  EXPECT_EQ(file->records[2].expected, std::vector<std::string>{"+I 1"});
  EXPECT_EQ(file->records[3].kind, SltRecord::Kind::kFinal);
}

TEST(SltFile, ParsesSinksAndMarksOfRecords) {
  const Result<SltFile> file = ParseSltFile("a.slt",
                                            "# Purpose.\n\n"
                                            "statement ok\nINSERT INTO s SELECT 1;\n\n"
                                            "# order-sensitive: SELECT\n"
                                            "sink s\n----\n+I 1\n\n"
                                            "query\nSELECT 1;\n----\n1\n");
  ASSERT_TRUE(file.ok()) << file.status().message();
  ASSERT_EQ(file->records.size(), 3u);
  EXPECT_EQ(file->records[1].kind, SltRecord::Kind::kSink);
  EXPECT_EQ(file->records[1].text, "s");
  EXPECT_EQ(file->records[1].order_sensitive, std::vector<std::string>{"SELECT"});
  EXPECT_TRUE(file->order_sensitive.empty());
  EXPECT_TRUE(file->records[2].order_sensitive.empty());
  EXPECT_FALSE(ParseSltFile("a.slt", "# P.\nsink s\n+I 1\n").ok());
}

TEST(SltFile, RefusesWhatItDoesNotKnowByLine) {
  EXPECT_EQ(ParseSltFile("a.slt", "# P.\nstreem\n").status().message(),
            "a.slt:2: unknown record 'streem'");
  EXPECT_FALSE(ParseSltFile("a.slt", "stream\nSELECT 1;\n----\n").ok());
  EXPECT_FALSE(ParseSltFile("a.slt", "# P.\nstatement error\nSELECT;\n").ok());
}

TEST(SltFile, CellsRoundTrip) {
  const Result<std::vector<SltCell>> cells = SplitCells("a 'b c' NULL '' 'it''s' 'x\\ny'");
  ASSERT_TRUE(cells.ok());
  ASSERT_EQ(cells->size(), 6u);
  EXPECT_TRUE((*cells)[2].is_null);
  std::string line;
  for (const SltCell& cell : *cells)
    line += (line.empty() ? "" : " ") + QuoteCell(cell.text, cell.is_null);
  EXPECT_EQ(line, "a 'b c' NULL '' 'it''s' 'x\\ny'");
  EXPECT_FALSE(SplitCells("'open").ok());
}

}  // namespace
}  // namespace rhei

#include "cli/line_editor.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(LineBufferTest, MovesAndDeletesByCodePoint) {
  LineBuffer line;
  line.Insert("a\u00e9\u4e2d");
  line.MoveLeft();
  EXPECT_EQ(line.cursor(), 3u);
  line.DeleteLeft();
  EXPECT_EQ(line.text(), "a\u4e2d");
  line.DeleteRight();
  EXPECT_EQ(line.text(), "a");
  line.MoveRight();
  line.MoveRight();
  EXPECT_EQ(line.cursor(), 1u);
}

TEST(LineBufferTest, MovesAndDeletesByWord) {
  LineBuffer line;
  line.Set("SELECT foo_1, bar");
  line.DeleteWordLeft();
  EXPECT_EQ(line.text(), "SELECT foo_1, ");
  line.MoveWordLeft();
  EXPECT_EQ(line.cursor(), 7u);
  line.DeleteToEnd();
  EXPECT_EQ(line.text(), "SELECT ");
  line.MoveHome();
  line.MoveWordRight();
  EXPECT_EQ(line.cursor(), 6u);
  line.DeleteToStart();
  EXPECT_EQ(line.text(), " ");
}

TEST(LineEditorTest, HistoryKeepsNoEntryTwiceInARow) {
  LineEditor editor;
  for (const char* entry : {"SELECT 1;", "SELECT 1;", "", "SELECT 2;", "SELECT 1;"}) {
    editor.AddHistory(entry);
  }
  EXPECT_EQ(editor.history(), (std::vector<std::string>{"SELECT 1;", "SELECT 2;", "SELECT 1;"}));
}

}  // namespace
}  // namespace rhei

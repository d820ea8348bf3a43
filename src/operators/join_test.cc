// Joins, and the operators that multiply rows.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "functions/registry.h"
#include "operators/operator_harness.h"
#include "plan/physical/aggregate_spec.h"
#include "plan/physical/calc_spec.h"
#include "plan/physical/join_spec.h"

namespace rhei {
namespace {

class JoinTest : public ::testing::Test {
 protected:
  // Left (k, a), right (k, b), joined on k.
  JoinTest() {
    spec_.left.schema = SchemaOf({{"k", DataType::BigInt()}, {"a", DataType::String()}});
    spec_.right.schema = SchemaOf({{"k2", DataType::BigInt()}, {"b", DataType::BigInt()}});
    spec_.left.keys = {0};
    spec_.right.keys = {0};
    spec_.null_safe = {false};
    test_.inputs = {spec_.left.schema, spec_.right.schema};
  }
  void Type(JoinType type) {
    spec_.type = type;
    test_.output = spec_.left.schema;
    if (type == JoinType::kSemi || type == JoinType::kAnti) return;
    for (const Field& field : spec_.right.schema.fields) test_.output.fields.push_back(field);
  }
  void Updating() {
    spec_.left.changelog = ChangelogMode::All();
    spec_.right.changelog = ChangelogMode::All();
  }
  std::string Check() {
    test_.spec = &spec_;
    return CheckOperator(test_);
  }
  static ScriptStep L(std::string_view change, Value key, std::string a) {
    return Row(change, {std::move(key), T(std::move(a))}, 0);
  }
  static ScriptStep R(std::string_view change, Value key, int64_t b) {
    return Row(change, {std::move(key), I(b)}, 1);
  }
  JoinSpec spec_;
  OperatorCase test_;
};

TEST_F(JoinTest, InnerKeepsTheKindOfTheInput) {
  Type(JoinType::kInner);
  Updating();
  test_.print_watermarks = true;
  test_.script = {L("+I", I(1), "x"), Watermark(5, 0),    R("+I", I(1), 10),  Watermark(4, 1),
                  R("+I", I(2), 20),  L("+I", I(1), "x"),  // an equal row counts twice
                  R("-U", I(1), 10),  R("+U", I(1), 11),  L("-D", I(1), "x"), L("+I", Null(), "n"),
                  R("+I", Null(), 9)};
  EXPECT_EQ(Check(),
            "+I[1, x, 1, 10]\nWM 4\n+I[1, x, 1, 10]\n-U[1, x, 1, 10]\n-U[1, x, 1, 10]\n"
            "+U[1, x, 1, 11]\n+U[1, x, 1, 11]\n-D[1, x, 1, 11]\n");
}

TEST_F(JoinTest, AppendOnlyInner) {
  Type(JoinType::kInner);
  test_.script = {L("+I", I(1), "x"), L("+I", I(1), "y"), R("+I", I(1), 10), R("+I", I(1), 11),
                  L("+I", I(1), "z")};
  EXPECT_EQ(Check(),
            "+I[1, x, 1, 10]\n+I[1, y, 1, 10]\n+I[1, x, 1, 11]\n+I[1, y, 1, 11]\n"
            "+I[1, z, 1, 10]\n+I[1, z, 1, 11]\n");
}

TEST_F(JoinTest, LeftPadsAndTakesBack) {
  Type(JoinType::kLeft);
  Updating();
  test_.script = {L("+I", I(1), "x"),   R("+I", I(1), 10), R("+I", I(1), 11),
                  R("-D", I(1), 10),    R("-D", I(1), 11), L("+I", Null(), "n"),
                  L("-D", Null(), "n"), L("-U", I(1), "x")};
  EXPECT_EQ(Check(),
            "+I[1, x, NULL, NULL]\n-D[1, x, NULL, NULL]\n+I[1, x, 1, 10]\n+I[1, x, 1, 11]\n"
            "-D[1, x, 1, 10]\n-D[1, x, 1, 11]\n+I[1, x, NULL, NULL]\n"
            "+I[NULL, n, NULL, NULL]\n-D[NULL, n, NULL, NULL]\n-D[1, x, NULL, NULL]\n");
}

TEST_F(JoinTest, FullPadsBothSides) {
  Type(JoinType::kFull);
  Updating();
  test_.script = {R("+I", I(1), 10), L("+I", I(1), "x"), L("-D", I(1), "x"), R("-D", I(1), 10)};
  EXPECT_EQ(Check(),
            "+I[NULL, NULL, 1, 10]\n-D[NULL, NULL, 1, 10]\n+I[1, x, 1, 10]\n-D[1, x, 1, 10]\n"
            "+I[NULL, NULL, 1, 10]\n-D[NULL, NULL, 1, 10]\n");
}

TEST_F(JoinTest, RightIsLeftTurnedAround) {
  Type(JoinType::kRight);
  Updating();
  test_.script = {R("+I", I(1), 10), L("+I", I(1), "x"), L("-D", I(1), "x")};
  EXPECT_EQ(Check(),
            "+I[NULL, NULL, 1, 10]\n-D[NULL, NULL, 1, 10]\n+I[1, x, 1, 10]\n-D[1, x, 1, 10]\n"
            "+I[NULL, NULL, 1, 10]\n");
}

TEST_F(JoinTest, SemiAndAnti) {
  Updating();
  test_.script = {L("+I", I(1), "x"), R("+I", I(1), 10), R("+I", I(1), 11),
                  R("-D", I(1), 10),  R("-D", I(1), 11), L("+I", Null(), "n")};
  Type(JoinType::kSemi);
  EXPECT_EQ(Check(), "+I[1, x]\n-D[1, x]\n");
  Type(JoinType::kAnti);
  EXPECT_EQ(Check(), "+I[1, x]\n-D[1, x]\n+I[1, x]\n+I[NULL, n]\n");
}

TEST_F(JoinTest, ResidualDecidesAssociations) {
  Type(JoinType::kLeft);
  Updating();
  spec_.residual = MakeCall(FindFunction(">"), ">", DataType::Boolean(),
                            {MakeInput(3, "b", DataType::BigInt()),
                             MakeLiteral(Value::Int(10), DataType::BigInt(false))});
  test_.script = {L("+I", I(1), "x"), R("+I", I(1), 10), R("+I", I(1), 11), R("-D", I(1), 10),
                  R("-D", I(1), 11)};
  EXPECT_EQ(Check(),
            "+I[1, x, NULL, NULL]\n-D[1, x, NULL, NULL]\n+I[1, x, 1, 11]\n-D[1, x, 1, 11]\n"
            "+I[1, x, NULL, NULL]\n");
}

TEST_F(JoinTest, NullSafeKeysMeet) {
  Type(JoinType::kInner);
  spec_.null_safe = {true};
  test_.script = {L("+I", Null(), "n"), R("+I", Null(), 9)};
  EXPECT_EQ(Check(), "+I[NULL, n, NULL, 9]\n");
}

TEST_F(JoinTest, UniqueRowsReplaceEachOther) {
  Type(JoinType::kInner);
  Updating();
  spec_.right.upsert_key = {0};
  spec_.right.changelog = ChangelogMode::Upsert();
  test_.script = {R("+I", I(1), 10), R("+U", I(1), 11), L("+I", I(1), "x"), R("-D", I(1), 0),
                  L("+I", I(1), "y")};
  EXPECT_EQ(Check(), "+I[1, x, 1, 11]\n-D[1, x, 1, 0]\n");
}

TEST_F(JoinTest, StateExpiresBySide) {
  Type(JoinType::kInner);
  spec_.left.ttl_ms = 100;
  test_.script = {ClockAt(0),   L("+I", I(1), "x"), ClockAt(50),       R("+I", I(1), 10),
                  ClockAt(150), R("+I", I(1), 11),  L("+I", I(1), "y")};
  EXPECT_EQ(Check(), "+I[1, x, 1, 10]\n+I[1, y, 1, 10]\n+I[1, y, 1, 11]\n");
}

TEST_F(JoinTest, BatchModeJoinsAtTheEnd) {
  spec_.batch_mode = true;
  test_.batch_mode = true;
  test_.print_watermarks = true;
  test_.script = {L("+I", I(1), "x"), L("+I", Null(), "n"),
                  R("+I", I(2), 20),  L("+I", I(3), "y"),
                  R("+I", I(1), 10),  End(0),
                  R("+I", I(1), 11),  End(1)};
  Type(JoinType::kFull);
  EXPECT_EQ(Check(),
            "+I[NULL, n, NULL, NULL]\n+I[1, x, 1, 10]\n+I[1, x, 1, 11]\n+I[3, y, NULL, NULL]\n"
            "+I[NULL, NULL, 2, 20]\nWM final\n");
  Type(JoinType::kAnti);
  EXPECT_EQ(Check(), "+I[NULL, n]\n+I[3, y]\nWM final\n");
  Type(JoinType::kSemi);
  EXPECT_EQ(Check(), "+I[1, x]\nWM final\n");
}

class WindowJoinTest : public ::testing::Test {
 protected:
  WindowJoinTest() {
    const auto side = [](const char* name) {
      JoinSide out;
      out.schema = SchemaOf({{"k", DataType::BigInt()},
                             {name, DataType::BigInt()},
                             {"ws", DataType::Timestamp(3)},
                             {"we", DataType::Timestamp(3)}});
      out.keys = {0};
      return out;
    };
    spec_.left = side("a");
    spec_.right = side("b");
    spec_.null_safe = {false};
    spec_.left_window_start = spec_.right_window_start = 2;
    spec_.left_window_end = spec_.right_window_end = 3;
    test_.inputs = {spec_.left.schema, spec_.right.schema};
    test_.script = {Put(0, I(1), 5, 0),
                    Put(1, I(1), 7, 0),
                    Put(1, I(1), 8, 0),
                    Put(0, I(2), 6, 0),
                    Put(1, I(3), 9, 0),
                    Put(0, I(1), 4, 10),
                    Watermark(9, 0),
                    Watermark(9, 1),
                    Put(1, I(1), 99, 0),  // late
                    Put(1, I(1), 3, 10),
                    Put(0, Null(), 1, 10),
                    Put(1, Null(), 1, 10),
                    End(0),
                    End(1)};
  }
  static ScriptStep Put(int input, Value key, int64_t v, int64_t start) {
    return Row("+I", {std::move(key), I(v), Ms(start), Ms(start + 10)}, input);
  }
  // Shows k, v and the window's start of both sides.
  std::string Check(JoinType type) {
    spec_.type = type;
    test_.spec = &spec_;
    test_.output = {};
    const int sides = type == JoinType::kSemi || type == JoinType::kAnti ? 1 : 2;
    for (int i = 0; i < 4 * sides; ++i) {
      test_.output.fields.push_back({"c", DataType::BigInt(), ""});
    }
    return CheckOperator(test_);
  }
  WindowJoinSpec spec_;
  OperatorCase test_;
};

TEST_F(WindowJoinTest, JoinsWithinEqualWindows) {
  EXPECT_EQ(Check(JoinType::kInner),
            "+I[1, 5, 0, 10000, 1, 7, 0, 10000]\n+I[1, 5, 0, 10000, 1, 8, 0, 10000]\n"
            "+I[1, 4, 10000, 20000, 1, 3, 10000, 20000]\n");
  EXPECT_EQ(Check(JoinType::kFull),
            "+I[1, 5, 0, 10000, 1, 7, 0, 10000]\n+I[1, 5, 0, 10000, 1, 8, 0, 10000]\n"
            "+I[2, 6, 0, 10000, NULL, NULL, NULL, NULL]\n"
            "+I[NULL, NULL, NULL, NULL, 3, 9, 0, 10000]\n"
            "+I[1, 4, 10000, 20000, 1, 3, 10000, 20000]\n"
            "+I[NULL, 1, 10000, 20000, NULL, NULL, NULL, NULL]\n"
            "+I[NULL, NULL, NULL, NULL, NULL, 1, 10000, 20000]\n");
  EXPECT_EQ(Check(JoinType::kSemi), "+I[1, 5, 0, 10000]\n+I[1, 4, 10000, 20000]\n");
  EXPECT_EQ(Check(JoinType::kAnti), "+I[2, 6, 0, 10000]\n+I[NULL, 1, 10000, 20000]\n");
}

// Windows of one key are apart in the state, however many are open.
TEST_F(WindowJoinTest, KeepsThousandsOfWindowsOfOneKey) {
  test_.script.clear();
  for (int input = 0; input < 2; ++input) {
    for (int64_t v = 0; v < 6000; ++v) test_.script.push_back(Put(input, I(1), v, 10 * v));
  }
  test_.script.push_back(End(0));
  test_.script.push_back(End(1));
  spec_.type = JoinType::kSemi;
  test_.spec = &spec_;
  for (int i = 0; i < 4; ++i) test_.output.fields.push_back({"c", DataType::BigInt(), ""});
  std::string expected;
  for (int64_t v = 0; v < 6000; ++v) {
    expected += fmt::format("+I[1, {}, {}, {}]\n", v, v * 10'000, (v + 1) * 10'000);
  }
  for (const int restore_every : {0, 1}) {
    EXPECT_EQ(RunOperator(test_, {.restore_every = restore_every}), expected) << restore_every;
  }
}

TEST(WindowTableFunctionTest, GivesARowPerWindow) {
  WindowTableFunctionSpec spec;
  spec.input = SchemaOf({{"v", DataType::BigInt()}, {"ts", DataType::BigInt()}});
  spec.window.kind = WindowKind::kHop;
  spec.window.size_ms = 10;
  spec.window.step_ms = 5;
  spec.window.time_column = 1;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  for (const char* name : {"ws", "we", "wt"}) {
    test.output.fields.push_back({name, DataType::BigInt(), ""});
  }
  test.print_watermarks = true;
  test.script = {Row("+I", {I(1), Ms(7)}), Watermark(3), Row("-D", {I(2), Ms(5)}),
                 Row("+I", {I(3), Null()})};
  EXPECT_EQ(CheckOperator(test),
            "+I[1, 7000, 5000, 15000, 14000]\n+I[1, 7000, 0, 10000, 9000]\nWM 3\n"
            "-D[2, 5000, 5000, 15000, 14000]\n-D[2, 5000, 0, 10000, 9000]\n");
}

TEST(WindowTableFunctionTest, SessionHoldsRowsBack) {
  WindowTableFunctionSpec spec;
  spec.input =
      SchemaOf({{"k", DataType::String()}, {"v", DataType::BigInt()}, {"ts", DataType::BigInt()}});
  spec.window.kind = WindowKind::kSession;
  spec.window.size_ms = 10;
  spec.window.time_column = 2;
  spec.window.session_partition = {0};
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  for (const char* name : {"ws", "we", "wt"}) {
    test.output.fields.push_back({name, DataType::BigInt(), ""});
  }
  const auto put = [](const std::string& key, int64_t v, int64_t time_ms) {
    return Row("+I", {T(key), I(v), Ms(time_ms)});
  };
  // The rows at 12 and 10 make one session of [0, 10) and [22, 32).
  test.script = {put("a", 1, 0),
                 put("a", 2, 22),
                 put("b", 3, 5),
                 put("a", 4, 50),
                 put("a", 5, 12),
                 put("a", 6, 10),
                 Watermark(40),
                 put("a", 7, 1),
                 Row("+I", {T("a"), I(8), Null()}),
                 End()};
  EXPECT_EQ(CheckOperator(test),
            "+I[b, 3, 5000, 5000, 15000, 14000]\n+I[a, 1, 0, 0, 32000, 31000]\n"
            "+I[a, 2, 22000, 0, 32000, 31000]\n+I[a, 5, 12000, 0, 32000, 31000]\n"
            "+I[a, 6, 10000, 0, 32000, 31000]\n+I[a, 4, 50000, 50000, 60000, 59000]\n");
}

TEST(UnnestTest, SpreadsElements) {
  UnnestSpec spec;
  const DataType array = DataType::Array(DataType::BigInt());
  spec.input = SchemaOf({{"v", DataType::BigInt()}, {"list", array}});
  spec.collection = MakeInput(1, "list", array);
  spec.with_ordinality = true;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  test.output.fields.push_back({"e", DataType::BigInt(), ""});
  test.output.fields.push_back({"o", DataType::Int(), ""});
  const auto list = [](std::vector<Value> values) { return Value::Nested(std::move(values)); };
  test.script = {Row("+I", {I(1), list({I(7), Null(), I(9)})}), Row("+I", {I(2), list({})}),
                 Row("-D", {I(3), Null()}), Row("+I", {I(4), list({I(5)})})};
  EXPECT_EQ(CheckOperator(test),
            "+I[1, [7, NULL, 9], 7, 1]\n+I[1, [7, NULL, 9], NULL, 2]\n+I[1, [7, NULL, 9], 9, 3]\n"
            "+I[4, [5], 5, 1]\n");
  spec.outer = true;
  spec.with_ordinality = false;
  test.output.fields.pop_back();
  EXPECT_EQ(CheckOperator(test),
            "+I[1, [7, NULL, 9], 7]\n+I[1, [7, NULL, 9], NULL]\n+I[1, [7, NULL, 9], 9]\n"
            "+I[2, [], NULL]\n-D[3, NULL, NULL]\n+I[4, [5], 5]\n");
}

}  // namespace
}  // namespace rhei

// The operators that keep nothing: calc, union, expand, drop update before, values.
#include <gtest/gtest.h>

#include "functions/registry.h"
#include "operators/builtin.h"
#include "operators/operator_harness.h"
#include "plan/physical/calc_spec.h"

namespace rhei {
namespace {

Schema TwoColumns() {
  return SchemaOf({{"a", DataType::BigInt()}, {"s", DataType::String()}});
}

TEST(CalcTest, FiltersAndProjects) {
  CalcSpec spec;
  spec.input_types = {DataType::BigInt(), DataType::String()};
  spec.condition = MakeCall(
      FindFunction(">"), ">", DataType::Boolean(),
      {MakeInput(0, "a", DataType::BigInt()), MakeLiteral(Value::Int(1), DataType::BigInt(false))});
  spec.projections = {MakeInput(1, "s", DataType::String()),
                      MakeLiteral(Value::Int(7), DataType::BigInt(false))};
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {TwoColumns()};
  test.output = SchemaOf({{"s", DataType::String()}, {"c", DataType::BigInt()}});
  test.print_watermarks = true;
  test.script = {
      Row("+I", {I(1), T("one")}),    Row("+I", {I(2), T("two, longer than twelve")}), Watermark(5),
      Row("+I", {Null(), T("none")}), Row("-D", {I(2), T("two, longer than twelve")}), End()};
  EXPECT_EQ(CheckOperator(test),
            "+I[two, longer than twelve, 7]\nWM 5\n-D[two, longer than twelve, 7]\nWM final\n");
}

TEST(UnionTest, HandsOnAllInputs) {
  const UnionSpec spec;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {TwoColumns(), TwoColumns()};
  test.output = TwoColumns();
  test.print_watermarks = true;
  test.script = {Row("+I", {I(1), T("l")}, 0), Watermark(10, 0), Row("+I", {I(2), T("r")}, 1),
                 Watermark(5, 1), Row("-U", {I(3), T("l")}, 0)};
  EXPECT_EQ(CheckOperator(test), "+I[1, l]\n+I[2, r]\nWM 5\n-U[3, l]\n");
}

TEST(ExpandTest, GivesEveryRowOncePerSet) {
  ExpandSpec spec;
  spec.input_types = {DataType::BigInt(), DataType::String()};
  spec.kept = {{true, true}, {false, true}};
  spec.ids = {0, 2};
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {TwoColumns()};
  test.output =
      SchemaOf({{"a", DataType::BigInt()}, {"s", DataType::String()}, {"id", DataType::BigInt()}});
  test.script = {Row("+I", {I(1), T("x")}), Row("-D", {I(2), T("y")})};
  EXPECT_EQ(CheckOperator(test), "+I[1, x, 0]\n+I[NULL, x, 2]\n-D[2, y, 0]\n-D[NULL, y, 2]\n");
}

TEST(DropUpdateBeforeTest, LeavesThemOut) {
  const DropUpdateBeforeSpec spec;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {TwoColumns()};
  test.output = TwoColumns();
  test.print_watermarks = true;
  test.script = {Row("+I", {I(1), T("x")}), Row("-U", {I(1), T("x")}), Watermark(3),
                 Row("+U", {I(2), T("x")}), Row("-D", {I(2), T("x")})};
  EXPECT_EQ(CheckOperator(test), "+I[1, x]\nWM 3\n+U[2, x]\n-D[2, x]\n");
}

}  // namespace
}  // namespace rhei

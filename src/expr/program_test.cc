#include "expr/program.h"

#include <gtest/gtest.h>

#include <cmath>

#include "columnar/column_builder.h"

namespace rhei {
namespace {

// ---- Functions of the test -------------------------------------------------------------------

int g_calls = 0;  // runs of kernels, to see what is computed once or not at all
int g_rows = 0;   // rows that they computed

void Start(EvalContext& context, PhysicalType type, int width, Column* out) {
  ++g_calls;
  g_rows += context.row_count;
  out->type = type;
  out->row_count = context.row_count;
  out->values =
      Buffer::Allocate(static_cast<size_t>(context.row_count) * static_cast<size_t>(width));
}

void Add(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  Start(context, PhysicalType::kInt32, 4, out);
  const ColumnReader<int32_t> a(arguments[0]), b(arguments[1]);
  for (int32_t i = 0; i < context.row_count; ++i) out->values->as<int32_t>()[i] = a[i] + b[i];
}

void Divide(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  Start(context, PhysicalType::kInt32, 4, out);
  const ColumnReader<int32_t> a(arguments[0]), b(arguments[1]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (b[i] == 0) context.Fail(i, "division by zero");
    out->values->as<int32_t>()[i] = b[i] == 0 ? 0 : a[i] / b[i];
  }
}

void Greater(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  Start(context, PhysicalType::kBool, 1, out);
  const ColumnReader<int32_t> a(arguments[0]), b(arguments[1]);
  for (int32_t i = 0; i < context.row_count; ++i) out->values->as<uint8_t>()[i] = a[i] > b[i];
}

void Twice(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  ++g_calls;
  g_rows += context.row_count;
  ColumnBuilder builder(DataType::String());
  const ColumnReader<StringView> a(arguments[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const StringView text = a[i];
    if (text.view() == "bad") context.Fail(i, "it is bad");
    builder.AppendString(std::string(text.view()) + std::string(text.view()));
  }
  *out = builder.Finish();
}

void IsNull(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  Start(context, PhysicalType::kBool, 1, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    out->values->as<uint8_t>()[i] = arguments[0].IsNull(i);
  }
}

void Counter(FunctionState*, EvalContext& context, std::span<const Column>, Column* out) {
  static int32_t next = 0;
  Start(context, PhysicalType::kInt32, 4, out);
  for (int32_t i = 0; i < context.row_count; ++i) out->values->as<int32_t>()[i] = next++;
}

FunctionDef Def(std::string_view name, EvalFn eval, NullRule rule = NullRule::kPropagate) {
  FunctionDef def;
  def.name = name;
  def.eval = eval;
  def.null_rule = rule;
  return def;
}

FunctionDef Special(std::string_view name, SpecialForm form) {
  FunctionDef def;
  def.name = name;
  def.special = form;
  def.null_rule = NullRule::kCustom;
  return def;
}

const FunctionDef kAdd = Def("+", Add);
const FunctionDef kDivide = Def("/", Divide);
const FunctionDef kGreater = Def(">", Greater);
const FunctionDef kTwice = Def("TWICE", Twice);
const FunctionDef kIsNull = Def("IS NULL", IsNull, NullRule::kCustom);
const FunctionDef kMissing = Def("MISSING", nullptr);
const FunctionDef kAnd = Special("AND", SpecialForm::kAnd);
const FunctionDef kOr = Special("OR", SpecialForm::kOr);
const FunctionDef kCase = Special("CASE", SpecialForm::kCase);
const FunctionDef kIf = Special("IF", SpecialForm::kIf);
const FunctionDef kCoalesce = Special("COALESCE", SpecialForm::kCoalesce);
const FunctionDef kTry = Special("TRY_CAST", SpecialForm::kTryCast);

const DataType kInt = DataType::Int();
const DataType kBool = DataType::Boolean();
const DataType kText = DataType::String();

BoundExprPtr In(int index, const DataType& type) {
  return MakeInput(index, "c", type);
}
BoundExprPtr Lit(int64_t v) {
  return MakeLiteral(Value::Int(v), kInt);
}
BoundExprPtr Call(const FunctionDef& def, const DataType& type, std::vector<BoundExprPtr> args) {
  return MakeCall(&def, def.name, type, std::move(args), {.line = 1, .column = 5});
}

Column Make(const DataType& type, const Value::List& values) {
  ColumnBuilder builder(type);
  for (const Value& value : values) builder.AppendValue(value);
  return builder.Finish();
}

Value::List Ints(std::vector<int> v) {
  Value::List list;
  for (const int i : v) list.push_back(i == -99 ? Value() : Value::Int(i));
  return list;
}

// The value of `expr` for every row, or the error as a text.
struct Answer {
  Value::List values;
  Status status;
  Column column;
};

Answer RunExpr(const BoundExprPtr& expr, const std::vector<Column>& input, int32_t rows) {
  g_calls = g_rows = 0;
  Answer answer;
  auto program = ExprProgram::Compile(std::span(&expr, 1), SessionSettings());
  answer.status = program.status();
  if (!program.ok()) return answer;
  g_calls = g_rows = 0;
  std::vector<Column> out;
  answer.status = (*program)->Evaluate(input, rows, {}, &out);
  if (!answer.status.ok()) return answer;
  answer.column = out[0];
  EXPECT_EQ(out[0].row_count, rows);
  for (int32_t i = 0; i < rows; ++i) answer.values.push_back(GetValue(out[0], i, expr->type));
  return answer;
}

std::string Truth(const Value::List& values) {
  std::string text;
  for (const Value& value : values) text += value.is_null() ? 'N' : value.bool_value() ? 'T' : 'F';
  return text;
}

Column Truths(std::string_view text) {
  Value::List values;
  for (const char c : text) values.push_back(c == 'N' ? Value() : Value::Bool(c == 'T'));
  return Make(kBool, values);
}

TEST(ExprProgram, NullsPropagateAndLeaveAZeroBeneath) {
  const auto sum = Call(kAdd, kInt, {In(0, kInt), Lit(7)});
  const Answer answer = RunExpr(sum, {Make(kInt, Ints({1, -99, 3}))}, 3);
  EXPECT_EQ(answer.values, Ints({8, -99, 10}));
  EXPECT_EQ(answer.column.data<int32_t>()[1], 0);
  EXPECT_EQ(RunExpr(Call(kAdd, kInt, {In(0, kInt), MakeLiteral(Value(), kInt)}),
                    {Make(kInt, Ints({1, 2}))}, 2)
                .values,
            Ints({-99, -99}));
  EXPECT_EQ(g_calls, 0);
}

TEST(ExprProgram, EqualSubexpressionsAreComputedOnce) {
  const auto a = Call(kAdd, kInt, {In(0, kInt), Lit(1)});
  const auto b = Call(kAdd, kInt, {In(0, kInt), Lit(1)});
  const std::vector<BoundExprPtr> both = {Call(kAdd, kInt, {a, b}), b};
  auto program = ExprProgram::Compile(both, SessionSettings());
  std::vector<Column> out;
  const std::vector<Column> input = {Make(kInt, Ints({1, 2}))};
  g_calls = 0;
  ASSERT_TRUE((*program)->Evaluate(input, 2, {}, &out).ok());
  EXPECT_EQ(g_calls, 2);
  EXPECT_EQ(GetValue(out[0], 1, kInt), Value::Int(6));
  EXPECT_EQ(GetValue(out[1], 1, kInt), Value::Int(3));
}

TEST(ExprProgram, ZeroAndMinusZeroAreDifferentLiterals) {
  const DataType type = DataType::Double(false);
  const std::vector<BoundExprPtr> zeros = {MakeLiteral(Value::Double(-0.0), type),
                                           MakeLiteral(Value::Double(0.0), type)};
  auto program = ExprProgram::Compile(zeros, SessionSettings());
  std::vector<Column> out;
  ASSERT_TRUE((*program)->Evaluate({}, 1, {}, &out).ok());
  EXPECT_TRUE(std::signbit(GetValue(out[0], 0, type).double_value()));
  EXPECT_FALSE(std::signbit(GetValue(out[1], 0, type).double_value()));
}

TEST(ExprProgram, CallsThatDifferByRowAreNeverShared) {
  FunctionDef counter = Def("COUNTER", Counter);
  counter.determinism = Determinism::kPerRow;
  const auto call = Call(counter, kInt, {});
  const Answer answer = RunExpr(Call(kGreater, kBool, {call, call}), {}, 2);
  EXPECT_EQ(g_calls, 3);
  EXPECT_EQ(Truth(answer.values), "FF");
}

TEST(ExprProgram, ConstantsAreFolded) {
  const auto five = Call(kAdd, kInt, {Lit(2), Lit(3)});
  const Answer answer = RunExpr(Call(kAdd, kInt, {five, In(0, kInt)}), {Make(kInt, Ints({1}))}, 1);
  EXPECT_EQ(answer.values, Ints({6}));
  EXPECT_EQ(g_calls, 1);
  EXPECT_EQ(EvaluateConstant(five, SessionSettings()).value(), Value::Int(5));
  // One that fails is no error until a row asks for it.
  const auto fails = Call(kDivide, kInt, {Lit(1), Lit(0)});
  EXPECT_FALSE(EvaluateConstant(fails, SessionSettings()).ok());
  const auto guarded = Call(kIf, kInt, {In(0, kBool), fails, Lit(4)});
  EXPECT_EQ(RunExpr(guarded, {Truths("FN")}, 2).values, Ints({4, 4}));
  EXPECT_EQ(RunExpr(guarded, {Truths("FT")}, 2).status.message(), "/: division by zero");
}

TEST(ExprProgram, AFailingRowIsAnErrorUnlessItIsNullOrTried) {
  const auto quotient = Call(kDivide, kInt, {In(0, kInt), In(1, kInt)});
  const std::vector<Column> good = {Make(kInt, Ints({6, -99})), Make(kInt, Ints({3, 0}))};
  EXPECT_EQ(RunExpr(quotient, good, 2).values, Ints({2, -99}));
  const std::vector<Column> bad = {Make(kInt, Ints({6, 1})), Make(kInt, Ints({3, 0}))};
  const Status status = RunExpr(quotient, bad, 2).status;
  EXPECT_EQ(status.code(), ErrorCode::kDataError);
  EXPECT_EQ(status.message(), "/: division by zero");
  EXPECT_EQ(status.position().column, 5);
  EXPECT_EQ(RunExpr(Call(kTry, kInt, {quotient}), bad, 2).values, Ints({2, -99}));
}

TEST(ExprProgram, AndOrFollowThreeValuedLogic) {
  const std::vector<Column> input = {Truths("TTTFFFNNN"), Truths("TFNTFNTFN")};
  const auto connective = [&](const FunctionDef& def) {
    return Truth(RunExpr(Call(def, kBool, {In(0, kBool), In(1, kBool)}), input, 9).values);
  };
  EXPECT_EQ(connective(kAnd), "TFNFFFNFN");
  EXPECT_EQ(connective(kOr), "TTTTFNTNN");
  // Over more than one word, with constants.
  std::string longer;
  for (int i = 0; i < 200; ++i) longer += "TFN"[i % 3];
  const std::vector<Column> wide = {Truths(longer), MakeConstant(Value::Bool(true), kBool, 200)};
  const auto both = Call(kAnd, kBool, {In(0, kBool), In(1, kBool)});
  EXPECT_EQ(Truth(RunExpr(both, wide, 200).values), longer);
  const auto either = Call(kOr, kBool, {In(0, kBool), In(1, kBool)});
  EXPECT_EQ(Truth(RunExpr(either, wide, 200).values), std::string(200, 'T'));
}

TEST(ExprProgram, TheRightSideIsComputedOnlyWhereItMatters) {
  const auto ratio = Call(kDivide, kInt, {Lit(10), In(0, kInt)});
  const auto safe =
      Call(kAnd, kBool,
           {Call(kGreater, kBool, {In(0, kInt), Lit(0)}), Call(kGreater, kBool, {ratio, Lit(3)})});
  EXPECT_EQ(Truth(RunExpr(safe, {Make(kInt, Ints({0, 2, 5, -99}))}, 4).values), "FTFN");
  EXPECT_EQ(Truth(RunExpr(safe, {Make(kInt, Ints({0, -1}))}, 2).values), "FF");
  EXPECT_EQ(g_calls, 1);
  const auto unsafe =
      Call(kOr, kBool,
           {Call(kGreater, kBool, {In(0, kInt), Lit(0)}), Call(kGreater, kBool, {ratio, Lit(3)})});
  EXPECT_FALSE(RunExpr(unsafe, {Make(kInt, Ints({0, 2}))}, 2).status.ok());
}

TEST(ExprProgram, WhatABranchComputedIsComputedAgainForMoreRows) {
  // The quotient is asked for first where x > 0, then for every row.
  const auto ratio = Call(kDivide, kInt, {Lit(10), In(0, kInt)});
  const auto branch =
      Call(kIf, kInt, {Call(kGreater, kBool, {In(0, kInt), Lit(0)}), ratio, Lit(0)});
  const auto sum = Call(kAdd, kInt, {branch, ratio});
  EXPECT_EQ(RunExpr(sum, {Make(kInt, Ints({1, -2}))}, 2).values, Ints({20, -5}));
  EXPECT_FALSE(RunExpr(sum, {Make(kInt, Ints({1, 0}))}, 2).status.ok());
}

TEST(ExprProgram, CaseTakesTheFirstTrueBranch) {
  const auto more_than = [](int n) { return Call(kGreater, kBool, {In(0, kInt), Lit(n)}); };
  const auto expr =
      Call(kCase, kInt,
           {more_than(10), Lit(1), more_than(5), In(0, kInt), Call(kIsNull, kBool, {In(0, kInt)}),
            MakeLiteral(Value(), DataType()), Call(kAdd, kInt, {In(0, kInt), Lit(100)})});
  const Answer answer = RunExpr(expr, {Make(kInt, Ints({20, 7, -99, 3}))}, 4);
  EXPECT_EQ(answer.values, Ints({1, 7, -99, 103}));
  // Without ELSE, the rest is NULL; with one branch for all, that branch's column is the answer.
  const auto no_else = Call(kCase, kInt, {more_than(5), Lit(1)});
  EXPECT_EQ(RunExpr(no_else, {Make(kInt, Ints({9, 2}))}, 2).values, Ints({1, -99}));
  EXPECT_TRUE(RunExpr(no_else, {Make(kInt, Ints({9, 8}))}, 2).column.is_constant());
}

TEST(ExprProgram, BranchesOfNestedTypesAreMerged) {
  const DataType list = DataType::Array(kText);
  const auto value = [](std::string text) { return Value::Nested({Value::Text(std::move(text))}); };
  const Column lists = Make(list, {value("a"), value("a text longer than twelve"), Value()});
  const auto expr = Call(kIf, list, {In(0, kBool), In(1, list), MakeLiteral(value("else"), list)});
  EXPECT_EQ(RunExpr(expr, {Truths("FTT"), lists}, 3).values,
            (Value::List{value("else"), value("a text longer than twelve"), Value()}));
}

TEST(ExprProgram, CoalesceTakesTheFirstThatIsNotNull) {
  const auto ratio = Call(kDivide, kInt, {Lit(1), Lit(0)});
  const auto expr = Call(kCoalesce, kInt, {In(0, kInt), In(1, kInt), Lit(9)});
  EXPECT_EQ(
      RunExpr(expr, {Make(kInt, Ints({1, -99, -99})), Make(kInt, Ints({5, 6, -99}))}, 3).values,
      Ints({1, 6, 9}));
  const auto lazy = Call(kCoalesce, kInt, {In(0, kInt), ratio});
  EXPECT_EQ(RunExpr(lazy, {Make(kInt, Ints({1, 2}))}, 2).values, Ints({1, 2}));
  EXPECT_FALSE(RunExpr(lazy, {Make(kInt, Ints({1, -99}))}, 2).status.ok());
}

TEST(ExprProgram, FieldsOfANullRowAreNull) {
  const DataType row = DataType::Row({{"i", kInt, ""}, {"s", kText, ""}});
  const auto field = MakeField(In(0, row), 0, "i", kInt);
  const Column rows = Make(row, {Value::Nested({Value::Int(4), Value::Text("x")}), Value()});
  EXPECT_EQ(RunExpr(field, {rows}, 2).values, Ints({4, -99}));
  const Column constant = MakeConstant(Value::Nested({Value::Int(4), Value()}), row, 3);
  EXPECT_EQ(RunExpr(field, {constant}, 3).values, Ints({4, 4, 4}));
  EXPECT_EQ(RunExpr(field, {MakeNulls(row, 2)}, 2).values, Ints({-99, -99}));
}

Column Dictionary(const Value::List& values, const std::vector<int32_t>& codes) {
  Column column;
  column.type = PhysicalType::kString;
  column.encoding = Encoding::kDictionary;
  column.row_count = static_cast<int32_t>(codes.size());
  column.values =
      Buffer::CopyOf({reinterpret_cast<const char*>(codes.data()), codes.size() * sizeof(int32_t)});
  column.children.push_back(Make(kText, values));
  return column;
}

TEST(ExprProgram, AKernelRunsOnTheDictionary) {
  const auto twice = Call(kTwice, kText, {In(0, kText)});
  const Value::List words = {Value::Text("abcdefgh"), Value::Text("x")};
  const Answer answer = RunExpr(twice, {Dictionary(words, {0, 1, 0, 0, 1})}, 5);
  EXPECT_EQ(g_rows, 2);
  EXPECT_EQ(answer.column.encoding, Encoding::kDictionary);
  EXPECT_EQ(answer.values[3], Value::Text("abcdefghabcdefgh"));
  EXPECT_EQ(answer.values[4], Value::Text("xx"));
  // A value that fails matters only where it stands.
  const Value::List bad = {Value::Text("bad"), Value::Text("x")};
  EXPECT_TRUE(RunExpr(twice, {Dictionary(bad, {1, 1})}, 2).status.ok());
  EXPECT_EQ(RunExpr(twice, {Dictionary(bad, {1, 0})}, 2).status.message(), "TWICE: it is bad");
  EXPECT_EQ(RunExpr(Call(kTry, kText, {twice}), {Dictionary(bad, {1, 0})}, 2).values,
            (Value::List{Value::Text("xx"), Value()}));
}

TEST(ExprProgram, ACustomNullRuleSeesTheNullsOfADictionary) {
  Column column = Dictionary({Value::Text("a")}, {0, 0});
  column.validity = MakeValidity(2);
  column.validity->as<uint64_t>()[0] = 1;
  EXPECT_EQ(Truth(RunExpr(Call(kIsNull, kBool, {In(0, kText)}), {column}, 2).values), "FT");
}

TEST(ExprProgram, AnEmptyBatchGivesEmptyColumns) {
  const auto sum = Call(kAdd, kInt, {In(0, kInt), Lit(7)});
  const Answer answer = RunExpr(sum, {Make(kInt, {})}, 0);
  EXPECT_EQ(answer.column.type, PhysicalType::kInt32);
  EXPECT_EQ(g_calls, 0);
}

TEST(ExprProgram, AFunctionWithoutKernelIsRefusedByName) {
  const Answer answer = RunExpr(Call(kMissing, kInt, {In(0, kInt)}), {}, 0);
  EXPECT_EQ(answer.status.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(answer.status.message(), "MISSING is not supported yet");
  EXPECT_EQ(answer.status.position().line, 1);
}

TEST(TrueRows, ListsThemForEveryEncoding) {
  std::vector<int32_t> rows = {7};
  TrueRows(Truths("NTFTT"), &rows);
  EXPECT_EQ(rows, (std::vector<int32_t>{1, 3, 4}));
  TrueRows(MakeConstant(Value::Bool(true), kBool, 3), &rows);
  EXPECT_EQ(rows, (std::vector<int32_t>{0, 1, 2}));
  TrueRows(MakeNulls(kBool, 3), &rows);
  EXPECT_TRUE(rows.empty());
}

}  // namespace
}  // namespace rhei

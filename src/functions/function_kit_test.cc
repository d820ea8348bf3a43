#include "functions/function_test_kit.h"

#include "base/check.h"
#include "functions/cast.h"
#include "functions/registry.h"
#include "functions/value_text.h"
#include "types/coercion.h"
#include "types/decimal.h"
#include "types/temporal_text.h"

namespace rhei::function_test {
namespace {

Column TwoRows(const Column& constant) {
  Column two = constant;
  two.row_count = 2;
  return Flatten(two);
}

std::string ColumnText(const Column& column, int32_t row, const DataType& type,
                       const SessionSettings& session) {
  Result<TimeZone> zone = TimeZone::Find(session.time_zone);
  CHECK(zone.ok());
  TimeZoneCursor cursor(*zone);
  std::string text;
  AppendColumnText(column, row, type, cursor, &text);
  return text;
}

struct Prepared {
  const FunctionDef* def;
  CallTyping typing;
  std::vector<ArgumentInfo> infos;
  std::vector<Column> columns;  // constant
};

std::string Run(const Prepared& call, const TestOptions& options, bool flat,
                Value* first = nullptr) {
  OpenContext open;
  open.call = {call.infos, options.target_type};
  open.result_type = &call.typing.result;
  open.session = &options.session;
  open.random_seed = 7;
  std::unique_ptr<FunctionState> state;
  if (call.def->open != nullptr) {
    Result<std::unique_ptr<FunctionState>> opened = call.def->open(open);
    if (!opened.ok()) return "error: " + opened.status().message();
    state = std::move(opened).value();
  }
  EvalFn eval = call.def->eval;
  if (eval == nullptr) eval = call.def->choose(open.call, call.typing.result);
  CHECK(eval != nullptr);
  EvalContext context;
  context.row_count = 2;
  context.session = &options.session;
  context.now_micros = options.now_micros;
  std::vector<Column> columns;
  bool null = false;
  for (const Column& column : call.columns) {
    columns.push_back(flat && column.values != nullptr ? TwoRows(column) : column);
    columns.back().row_count = 2;
    null = null || column.IsNull(0);
  }
  Column out;
  eval(state.get(), context, columns, &out);
  if (call.def->null_rule == NullRule::kPropagate && null) return "NULL";
  if (context.has_failures()) {
    if (call.def->special == SpecialForm::kTryCast) return "NULL";
    return "fails: " + context.failures()[0].message;
  }
  CHECK(out.row_count == 2);
  CHECK(out.type == PhysicalTypeOf(call.typing.result));
  std::string text = ColumnText(out, 0, call.typing.result, options.session);
  const std::string second = ColumnText(out, 1, call.typing.result, options.session);
  if (first != nullptr) *first = GetValue(out, 0, call.typing.result);
  if (call.def->determinism != Determinism::kPerRow && second != text) {
    return text + " but in the second row " + second;
  }
  return text;
}

std::string CastColumn(const DataType& from, const DataType& to, const SessionSettings& session,
                       Column* column) {
  if (!CastAllowed(from, to)) return CastRefusal(from, to);
  Result<std::unique_ptr<CastState>> cast = MakeCast(from, to, session);
  if (!cast.ok()) return cast.status().message();
  EvalContext context;
  context.row_count = 2;
  context.session = &session;
  const Column in = *column;
  *column = {};
  RunCast(**cast, context, in, column);
  if (context.has_failures()) return "fails: " + context.failures()[0].message;
  return "";
}

// Types the call and casts its arguments; says why when it cannot. `call` points into `arguments`.
std::string Prepare(std::string_view function, const TestOptions& options,
                    std::vector<TestArgument>* arguments, Prepared* call) {
  call->def = FindFunction(function);
  if (call->def == nullptr) return "error: no function " + std::string(function);
  for (const TestArgument& argument : *arguments) {
    call->infos.push_back(
        {argument.type, argument.literal ? &argument.value : nullptr, argument.symbol});
  }
  Result<CallTyping> typing = call->def->infer({call->infos, options.target_type});
  if (!typing.ok()) return "error: " + typing.status().message();
  call->typing = std::move(typing).value();
  for (size_t i = 0; i < arguments->size(); ++i) {
    TestArgument& argument = (*arguments)[i];
    if (!argument.symbol.empty()) {
      call->columns.emplace_back();
      continue;
    }
    Column column = MakeConstant(argument.value, argument.type, 2);
    if (i < call->typing.argument_types.size() &&
        !(call->typing.argument_types[i] == argument.type)) {
      const DataType& to = call->typing.argument_types[i];
      const std::string failure = CastColumn(argument.type, to, options.session, &column);
      if (!failure.empty()) return "error: " + failure;
      argument.type = to;
      argument.value = GetValue(column, 0, to);
      call->infos[i].type = to;
    }
    call->columns.push_back(std::move(column));
  }
  return "";
}

}  // namespace

TestArgument Of(DataType type, Value value) {
  return {std::move(type), std::move(value)};
}
TestArgument Int(int64_t value) {
  return Of(DataType::Int(false), Value::Int(value));
}
TestArgument BigInt(int64_t value) {
  return Of(DataType::BigInt(false), Value::Int(value));
}
TestArgument Dbl(double value) {
  return Of(DataType::Double(false), Value::Double(value));
}
TestArgument Bool(bool value) {
  return Of(DataType::Boolean(false), Value::Bool(value));
}
TestArgument Str(std::string_view value) {
  return Of(DataType::String(false), Value::Text(std::string(value)));
}
TestArgument Dec(std::string_view text, int precision, int scale) {
  Int128 value = 0;
  CHECK(ParseDecimal(text, {precision, scale}, &value) == DecimalParse::kOk);
  return Of(DataType::Decimal(precision, scale, false),
            precision <= 18 ? Value::Int(static_cast<int64_t>(value)) : Value::Big(value));
}
TestArgument Date(std::string_view text) {
  int32_t days = 0;
  CHECK(ParseDate(text, &days));
  return Of(DataType::Date(false), Value::Int(days));
}
TestArgument Time(std::string_view text) {
  int32_t millis = 0;
  CHECK(ParseTime(text, &millis));
  return Of(DataType::Time(3, false), Value::Int(millis));
}
TestArgument Stamp(std::string_view text, int precision) {
  Timestamp9 value;
  CHECK(ParseTimestamp(text, &value));
  return Of(DataType::Timestamp(precision, false),
            precision <= 6 ? Value::Int(value.micros) : Value::Time9(value));
}
TestArgument Ltz(std::string_view utc_text, int precision) {
  TestArgument argument = Stamp(utc_text, precision);
  argument.type = DataType::TimestampLtz(precision, false);
  return argument;
}
TestArgument Days(int64_t days) {
  return Of(DataType::IntervalDayTime("DAY", 2, 3, false), Value::Int(days * kMillisPerDay));
}
TestArgument Months(int64_t months) {
  return Of(DataType::IntervalYearMonth("MONTH", 2, false), Value::Int(months));
}
TestArgument Word(std::string_view symbol) {
  return {DataType::Symbol(), Value::Text(std::string(symbol)), std::string(symbol)};
}
TestArgument Varying(TestArgument argument) {
  argument.literal = false;
  return argument;
}
TestArgument NullOf(DataType type) {
  return Of(type.WithNullable(true), Value::Null());
}

std::string Call(std::string_view function, std::vector<TestArgument> arguments,
                 const TestOptions& options) {
  Prepared call;
  const std::string failure = Prepare(function, options, &arguments, &call);
  if (!failure.empty()) return failure;
  const std::string constant = Run(call, options, false);
  if (constant.starts_with("error: ")) return constant;
  const std::string flat = Run(call, options, true);
  std::string text = constant;
  if (call.def->determinism != Determinism::kPerRow && constant != flat) {
    text += " but as a column " + flat;
  }
  return text + ": " + call.typing.result.ToString();
}

TestArgument ResultOf(std::string_view function, std::vector<TestArgument> arguments) {
  Prepared call;
  const TestOptions options;
  const std::string failure = Prepare(function, options, &arguments, &call);
  CHECK(failure.empty());
  Value value;
  const std::string text = Run(call, options, true, &value);
  CHECK(!text.starts_with("fails: "));
  return Varying(Of(call.typing.result, std::move(value)));
}

std::string CallValue(std::string_view function, std::vector<TestArgument> arguments,
                      const TestOptions& options) {
  const std::string text = Call(function, std::move(arguments), options);
  return text.starts_with("error: ") ? text : text.substr(0, text.rfind(": "));
}

std::string CastText(const TestArgument& argument, const DataType& to, std::string_view zone) {
  TestOptions options;
  options.session.time_zone = zone;
  options.target_type = &to;
  return CallValue("CAST", {argument}, options);
}

}  // namespace rhei::function_test

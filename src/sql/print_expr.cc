// Prints expressions and types.
#include <algorithm>

#include "sql/keyword.h"
#include "sql/syntax_printer.h"
#include "sql/token.h"

namespace rhei {
namespace {

using ast::Operator;

// Functions of Calcite's standard table, which print as keywords; all other names are quoted.
constexpr std::string_view kStandardFunctions[] = {
    "ABS",
    "ACOS",
    "ANY_VALUE",
    "APPROX_COUNT_DISTINCT",
    "ARG_MAX",
    "ARG_MIN",
    "ARRAY_AGG",
    "ARRAY_CONCAT_AGG",
    "ASCII",
    "ASIN",
    "ATAN",
    "ATAN2",
    "AVG",
    "BIT_AND",
    "BIT_OR",
    "BIT_XOR",
    "CARDINALITY",
    "CBRT",
    "CEIL",
    "CEILING",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "CLASSIFIER",
    "COALESCE",
    "COLLECT",
    "CONVERT",
    "COS",
    "COT",
    "COUNT",
    "COVAR_POP",
    "COVAR_SAMP",
    "CUME_DIST",
    "CURRENT_CATALOG",
    "CURRENT_DATE",
    "CURRENT_PATH",
    "CURRENT_ROLE",
    "CURRENT_SCHEMA",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "DAYOFMONTH",
    "DAYOFWEEK",
    "DAYOFYEAR",
    "DEGREES",
    "DENSE_RANK",
    "ELEMENT",
    "EVERY",
    "EXP",
    "EXTRACT",
    "FIRST",
    "FIRST_VALUE",
    "FLOOR",
    "FUSION",
    "GROUPING",
    "GROUPING_ID",
    "GROUP_ID",
    "HOP",
    "HOUR",
    "INITCAP",
    "INTERSECTION",
    "JSON_ARRAY",
    "JSON_ARRAYAGG",
    "JSON_EXISTS",
    "JSON_OBJECT",
    "JSON_OBJECTAGG",
    "JSON_QUERY",
    "JSON_VALUE",
    "LAG",
    "LAST",
    "LAST_DAY",
    "LAST_VALUE",
    "LEAD",
    "LISTAGG",
    "LN",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "LOG10",
    "LOWER",
    "MATCH_NUMBER",
    "MAX",
    "MIN",
    "MINUTE",
    "MOD",
    "MODE",
    "MONTH",
    "NEXT",
    "NTH_VALUE",
    "NTILE",
    "NULLIF",
    "OCTET_LENGTH",
    "OVERLAY",
    "PERCENTILE_CONT",
    "PERCENTILE_DISC",
    "PERCENT_RANK",
    "PI",
    "POSITION",
    "POWER",
    "PREV",
    "QUARTER",
    "RADIANS",
    "RAND",
    "RAND_INTEGER",
    "RANK",
    "REGR_COUNT",
    "REGR_SXX",
    "REGR_SYY",
    "REPLACE",
    "ROUND",
    "ROW_NUMBER",
    "SECOND",
    "SESSION",
    "SESSION_USER",
    "SIGN",
    "SIN",
    "SINGLE_VALUE",
    "SOME",
    "SQRT",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "SUBSTRING",
    "SUM",
    "SYSTEM_USER",
    "TAN",
    "TIMESTAMPADD",
    "TIMESTAMPDIFF",
    "TRANSLATE",
    "TRIM",
    "TRUNCATE",
    "TUMBLE",
    "UPPER",
    "USER",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
    "WEEK",
    "YEAR",
};

bool IsStandardFunction(std::string_view upper) {
  return std::binary_search(std::begin(kStandardFunctions), std::end(kStandardFunctions), upper);
}

bool IsNumber(const ast::Expr& expr) {
  if (expr.kind != ast::ExprKind::kLiteral) return false;
  const ast::LiteralKind kind = ast::As<ast::Literal>(expr).literal;
  return kind == ast::LiteralKind::kExactNumber || kind == ast::LiteralKind::kApproximateNumber;
}

bool IsSymbol(const ast::Call& call, size_t index) {
  return index < call.args.size() && call.args[index]->kind == ast::ExprKind::kSymbol;
}

std::string_view UnitText(ast::TimeUnit unit) {
  switch (unit) {
    case ast::TimeUnit::kYear: return "YEAR";
    case ast::TimeUnit::kMonth: return "MONTH";
    case ast::TimeUnit::kDay: return "DAY";
    case ast::TimeUnit::kHour: return "HOUR";
    case ast::TimeUnit::kMinute: return "MINUTE";
    case ast::TimeUnit::kSecond: return "SECOND";
    case ast::TimeUnit::kQuarter: return "QUARTER";
    case ast::TimeUnit::kWeek: return "WEEK";
  }
  CHECK(false);
}

std::string Number(int64_t value) {
  return std::to_string(value);
}

}  // namespace

std::string QuoteName(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    out += c;
    if (c == '`') out += c;
  }
  return out + '`';
}

std::string QuotePath(const ast::NamePath& path) {
  std::string out;
  for (const ast::Name& name : path) {
    if (!out.empty()) out += '.';
    out += QuoteName(name.text);
  }
  return out;
}

std::string QuoteString(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + '\'';
}

void SyntaxPrinter::PutNames(const std::vector<ast::Name>& names) {
  Put("(");
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) Put(", ");
    PutName(names[i]);
  }
  Put(")");
}

void SyntaxPrinter::Exprs(const std::vector<ast::ExprPtr>& exprs) {
  for (size_t i = 0; i < exprs.size(); ++i) {
    if (i > 0) Put(", ");
    Expr(*exprs[i]);
  }
}

void SyntaxPrinter::Expr(const ast::Expr& expr) {
  using ast::ExprKind;
  switch (expr.kind) {
    case ExprKind::kLiteral: return LiteralText(ast::As<ast::Literal>(expr));
    case ExprKind::kIdentifier: return PutPath(ast::As<ast::Identifier>(expr).path);
    case ExprKind::kStar: {
      const auto& star = ast::As<ast::Star>(expr);
      if (!star.qualifier.empty()) Put(QuotePath(star.qualifier) + ".");
      return Put("*");
    }
    case ExprKind::kCall: return CallText(ast::As<ast::Call>(expr));
    case ExprKind::kCase: return CaseText(ast::As<ast::Case>(expr));
    case ExprKind::kCast: {
      const auto& cast = ast::As<ast::Cast>(expr);
      Put(cast.try_cast ? "(TRY_CAST(" : "CAST(");
      Expr(*cast.operand);
      Put(" AS ");
      Type(*cast.type);
      return Put(cast.try_cast ? "))" : ")");
    }
    case ExprKind::kFieldAccess: {
      const auto& access = ast::As<ast::FieldAccess>(expr);
      const bool item = access.operand->kind == ExprKind::kFieldAccess ||
                        (access.operand->kind == ExprKind::kCall &&
                         ast::As<ast::Call>(*access.operand).op == Operator::kItem);
      if (!item) Put("(");
      Expr(*access.operand);
      Put(item ? "." : ").");
      return access.star ? Put("*") : PutName(access.field);
    }
    case ExprKind::kSubquery: {
      const auto& subquery = ast::As<ast::Subquery>(expr);
      std::string_view word;
      switch (subquery.subquery) {
        case ast::SubqueryKind::kPlain: break;
        case ast::SubqueryKind::kExists: word = "EXISTS"; break;
        case ast::SubqueryKind::kUnique: word = "UNIQUE"; break;
        case ast::SubqueryKind::kArray: word = "ARRAY"; break;
        case ast::SubqueryKind::kMultiset: word = "MULTISET"; break;
        case ast::SubqueryKind::kMap: word = "MAP"; break;
      }
      if (!word.empty()) Put("(" + std::string(word) + " ");
      Put("(");
      Query(*subquery.query);
      return Put(word.empty() ? ")" : "))");
    }
    case ExprKind::kList:
      Put("(");
      Exprs(ast::As<ast::ExprList>(expr).items);
      return Put(")");
    case ExprKind::kSymbol: return Put(ast::As<ast::Symbol>(expr).text);
    case ExprKind::kIntervalExpr: {
      const auto& interval = ast::As<ast::IntervalExpr>(expr);
      const bool plain = IsNumber(*interval.operand);
      Put(plain ? "INTERVAL " : "INTERVAL (");
      Expr(*interval.operand);
      Put(plain ? " " : ") ");
      return Interval(interval.interval);
    }
    case ExprKind::kTableArgument: return TableArgumentText(ast::As<ast::TableArgument>(expr));
    case ExprKind::kModelArgument:
      return Put("MODEL " + QuotePath(ast::As<ast::ModelArgument>(expr).model));
    case ExprKind::kDefault: return Put("DEFAULT");
    case ExprKind::kDynamicParam: return Put("?");
  }
  CHECK(false);
}

void SyntaxPrinter::LiteralText(const ast::Literal& literal) {
  using ast::LiteralKind;
  switch (literal.literal) {
    case LiteralKind::kNull: return Put("NULL");
    case LiteralKind::kBoolean: return Put(literal.boolean ? "TRUE" : "FALSE");
    case LiteralKind::kUnknown: return Put("UNKNOWN");
    case LiteralKind::kExactNumber:
    case LiteralKind::kApproximateNumber:
      if (literal.text.starts_with('.')) Put("0");
      return Put(AsciiUpper(literal.text));
    case LiteralKind::kString:
      if (!literal.charset.empty()) Put("_" + literal.charset);
      return PutString(literal.text);
    case LiteralKind::kBinary: return Put("X'" + literal.text + "'");
    case LiteralKind::kDate: Put("DATE "); return PutString(literal.text);
    case LiteralKind::kTime: Put("TIME "); return PutString(literal.text);
    case LiteralKind::kTimestamp: Put("TIMESTAMP "); return PutString(literal.text);
    case LiteralKind::kTimestampLtz:
      Put("TIMESTAMP WITH LOCAL TIME ZONE ");
      return PutString(literal.text);
    case LiteralKind::kInterval:
      Put(literal.negative ? "INTERVAL -" : "INTERVAL ");
      PutString(literal.text);
      Put(" ");
      return Interval(literal.interval);
  }
  CHECK(false);
}

void SyntaxPrinter::Interval(const ast::IntervalQualifier& interval) {
  Put(UnitText(interval.start));
  const bool seconds = interval.start == ast::TimeUnit::kSecond && !interval.end;
  if (interval.start_precision) {
    Put("(" + Number(*interval.start_precision));
    if (seconds && interval.fraction_precision) Put(", " + Number(*interval.fraction_precision));
    Put(")");
  }
  if (!interval.end) return;
  Put(" TO ");
  Put(UnitText(*interval.end));
  if (interval.fraction_precision) Put("(" + Number(*interval.fraction_precision) + ")");
}

void SyntaxPrinter::CaseText(const ast::Case& node) {
  Put("(CASE");
  if (node.operand != nullptr) {
    Put(" ");
    Expr(*node.operand);
  }
  for (const ast::CaseBranch& branch : node.branches) {
    Put(" WHEN ");
    if (branch.when->kind == ast::ExprKind::kList) {
      Exprs(ast::As<ast::ExprList>(*branch.when).items);
    } else {
      Expr(*branch.when);
    }
    Put(" THEN ");
    Expr(*branch.then);
  }
  Put(" ELSE ");
  if (node.otherwise != nullptr) {
    Expr(*node.otherwise);
  } else {
    Put("NULL");
  }
  Put(" END)");
}

void SyntaxPrinter::CallText(const ast::Call& call) {
  if (call.op == Operator::kFunction) {
    FunctionCall(call);
  } else {
    OperatorCall(call);
  }
}

void SyntaxPrinter::OperatorCall(const ast::Call& call) {
  const std::string_view text = ast::OperatorText(call.op);
  switch (call.op) {
    case Operator::kRow:
    case Operator::kDescriptor:
      Put(call.op == Operator::kRow ? "(ROW(" : "DESCRIPTOR(");
      Exprs(call.args);
      return Put(call.op == Operator::kRow ? "))" : ")");
    case Operator::kArray:
    case Operator::kMap:
    case Operator::kMultiset:
      Put("(" + std::string(text) + "[");
      Exprs(call.args);
      return Put("])");
    case Operator::kItem: {
      const bool minus = call.args[0]->kind == ast::ExprKind::kCall &&
                         ast::As<ast::Call>(*call.args[0]).op == Operator::kMinusPrefix;
      if (minus) Put("(");
      Expr(*call.args[0]);
      Put(minus ? ")[" : "[");
      Expr(*call.args[1]);
      return Put("]");
    }
    case Operator::kFinal:
    case Operator::kRunning: Put(std::string(text) + " "); return Expr(*call.args[0]);
    case Operator::kMinusPrefix:
      if (IsNumber(*call.args[0])) {
        Put("-");
        return Expr(*call.args[0]);
      }
      break;
    default: break;
  }
  Put("(");
  if (call.args.size() == 1) {
    const bool prefix = call.op == Operator::kNot || call.op == Operator::kMinusPrefix ||
                        call.op == Operator::kPlusPrefix;
    if (prefix) Put(std::string(text) + " ");
    Expr(*call.args[0]);
    if (!prefix) Put(" " + std::string(text));
    return Put(")");
  }
  Expr(*call.args[0]);
  Put(" " + std::string(text) + " ");
  if (call.quantifier == ast::Quantifier::kSome) Put("SOME ");
  if (call.quantifier == ast::Quantifier::kAll) Put("ALL ");
  Expr(*call.args[1]);
  if (call.args.size() == 3) {
    const bool pattern = call.op == Operator::kLike || call.op == Operator::kNotLike ||
                         call.op == Operator::kSimilarTo || call.op == Operator::kNotSimilarTo;
    Put(pattern ? " ESCAPE " : " AND ");
    Expr(*call.args[2]);
  }
  Put(")");
}

void SyntaxPrinter::FunctionCall(const ast::Call& call) {
  if (call.over != nullptr) Put("(");
  const std::string upper = AsciiUpper(call.function[0].text);
  const bool keyword =
      call.function.size() == 1 && !call.function[0].quoted &&
      (IsStandardFunction(upper) || IsReserved(FindKeyword(upper)) || !call.parentheses);
  if (keyword) {
    Put(upper);
  } else {
    PutPath(call.function);
  }
  if (call.parentheses) {
    Put("(");
    if (!keyword || !SpecialArguments(call)) Arguments(call, 0);
    if (!call.order_by.empty()) {
      Put(" ORDER BY ");
      OrderItems(call.order_by);
      // The null clause of JSON_ARRAYAGG is its last argument and comes after ORDER BY.
      if (upper == "JSON_ARRAYAGG" && keyword) {
        Put(" ");
        Expr(*call.args.back());
      }
    }
    Put(")");
  }
  CallTail(call);
  if (call.over != nullptr) Put(")");
}

void SyntaxPrinter::Arguments(const ast::Call& call, size_t begin) {
  if (call.distinct) Put("DISTINCT ");
  if (call.all) Put("ALL ");
  for (size_t i = begin; i < call.args.size(); ++i) {
    if (i > begin) Put(", ");
    if (i < call.argument_names.size() && call.argument_names[i]) {
      PutName(*call.argument_names[i]);
      Put(" => ");
    }
    Expr(*call.args[i]);
  }
}

// The arguments of functions that have words between them; false for an ordinary call.
bool SyntaxPrinter::SpecialArguments(const ast::Call& call) {
  const std::string name = AsciiUpper(call.function[0].text);
  const auto join = [&](std::initializer_list<std::string_view> words) {
    size_t i = 0;
    for (const std::string_view word : words) {
      if (i >= call.args.size()) break;
      Put(word);
      Expr(*call.args[i++]);
    }
    return true;
  };
  if (name == "EXTRACT") return join({"", " FROM "});
  if (name == "TRIM") return join({"", " ", " FROM "});
  if (name == "POSITION") return join({"", " IN ", " FROM "});
  if (name == "OVERLAY") return join({"", " PLACING ", " FROM ", " FOR "});
  if (name == "SUBSTRING") return join({"", " FROM ", " FOR "});
  const bool rounds = name == "FLOOR" || name == "CEIL" || name == "CEILING";
  if (rounds && IsSymbol(call, 1)) return join({"", " TO "});
  if ((name == "CONVERT" || name == "TRANSLATE") && IsSymbol(call, 1)) {
    Expr(*call.args[0]);
    Put(" USING ");
    Put(QuoteName(ast::As<ast::Symbol>(*call.args[1]).text));
    return true;
  }
  return name.starts_with("JSON_") && JsonArguments(call, name);
}

bool SyntaxPrinter::JsonArguments(const ast::Call& call, std::string_view name) {
  const bool object = name == "JSON_OBJECT" || name == "JSON_OBJECTAGG";
  const bool array = name == "JSON_ARRAY" || name == "JSON_ARRAYAGG";
  if (object || array) {
    const size_t values = call.args.size() - 1;  // The last one is the null clause.
    bool key = true;
    for (size_t i = 0; i < values; ++i) {
      if (IsSymbol(call, i)) {  // FORMAT JSON
        Put(" ");
      } else if (object) {
        if (key) Put(i > 0 ? ", KEY " : "KEY ");
        if (!key) Put(" VALUE ");
        key = !key;
      } else if (i > 0) {
        Put(", ");
      }
      Expr(*call.args[i]);
    }
    if (!call.order_by.empty()) return true;
    if (values > 0) Put(" ");
    Expr(*call.args.back());
    return true;
  }
  if (name != "JSON_EXISTS" && name != "JSON_VALUE" && name != "JSON_QUERY") return false;
  const size_t path = IsSymbol(call, 1) ? 2 : 1;
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i > 0) Put(i == path ? ", " : " ");
    if (IsSymbol(call, i) && ast::As<ast::Symbol>(*call.args[i]).text.starts_with("DEFAULT ON")) {
      Put("DEFAULT ");
      Expr(*call.args[i + 1]);
      Put(std::string_view(ast::As<ast::Symbol>(*call.args[i]).text).substr(7));
      ++i;
      continue;
    }
    Expr(*call.args[i]);
    if (i == path && call.returning != nullptr) {
      Put(" RETURNING ");
      Type(*call.returning);
    }
  }
  return true;
}

void SyntaxPrinter::CallTail(const ast::Call& call) {
  if (call.null_treatment == ast::NullTreatment::kIgnore) Put(" IGNORE NULLS");
  if (call.null_treatment == ast::NullTreatment::kRespect) Put(" RESPECT NULLS");
  if (call.within_distinct_set) {
    Put(" WITHIN DISTINCT (");
    Exprs(call.within_distinct);
    Put(")");
  }
  if (!call.within_group.empty()) {
    Put(" WITHIN GROUP (ORDER BY ");
    OrderItems(call.within_group);
    Put(")");
  }
  if (call.filter != nullptr) {
    Put(" FILTER (WHERE ");
    Expr(*call.filter);
    Put(")");
  }
  if (call.over == nullptr) return;
  Put(" OVER ");
  if (call.over->bare_reference) {
    PutName(*call.over->reference);
  } else {
    Window(*call.over);
  }
}

void SyntaxPrinter::TableArgumentText(const ast::TableArgument& argument) {
  if (argument.query != nullptr) {
    Put("(");
    Query(*argument.query);
    Put(")");
  } else {
    Put("(TABLE " + QuotePath(argument.table) + ")");
  }
  if (!argument.partition_by.empty()) {
    Put(" PARTITION BY (");
    Exprs(argument.partition_by);
    Put(")");
  }
  if (!argument.order_by.empty()) {
    Put(" ORDER BY (");
    OrderItems(argument.order_by);
    Put(")");
  }
}

void SyntaxPrinter::OrderItems(const std::vector<ast::OrderItem>& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) Put(", ");
    Expr(*items[i].expr);
    if (items[i].descending) Put(" DESC");
    if (items[i].nulls == ast::NullOrder::kFirst) Put(" NULLS FIRST");
    if (items[i].nulls == ast::NullOrder::kLast) Put(" NULLS LAST");
  }
}

void SyntaxPrinter::Window(const ast::WindowSpec& window) {
  Put("(");
  std::string_view gap;
  const auto begin = [&] {
    Put(gap);
    gap = " ";
  };
  if (window.reference) {
    begin();
    PutName(*window.reference);
  }
  if (!window.partition_by.empty()) {
    begin();
    Put("PARTITION BY ");
    Exprs(window.partition_by);
  }
  if (!window.order_by.empty()) {
    begin();
    Put("ORDER BY ");
    OrderItems(window.order_by);
  }
  if (window.frame_unit) {
    begin();
    Put(*window.frame_unit == ast::FrameUnit::kRows ? "ROWS " : "RANGE ");
    if (window.frame_end) Put("BETWEEN ");
    Bound(*window.frame_start);
    if (window.frame_end) {
      Put(" AND ");
      Bound(*window.frame_end);
    }
  }
  if (window.allow_partial) {
    begin();
    Put(*window.allow_partial ? "ALLOW PARTIAL" : "DISALLOW PARTIAL");
  }
  Put(")");
}

void SyntaxPrinter::Bound(const ast::FrameBound& bound) {
  switch (bound.kind) {
    case ast::FrameBoundKind::kUnboundedPreceding: return Put("UNBOUNDED PRECEDING");
    case ast::FrameBoundKind::kUnboundedFollowing: return Put("UNBOUNDED FOLLOWING");
    case ast::FrameBoundKind::kCurrentRow: return Put("CURRENT ROW");
    case ast::FrameBoundKind::kPreceding: Expr(*bound.value); return Put(" PRECEDING");
    case ast::FrameBoundKind::kFollowing: Expr(*bound.value); return Put(" FOLLOWING");
  }
  CHECK(false);
}

}  // namespace rhei

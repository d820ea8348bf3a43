#include "sql/ast.h"

#include "sql/ast_query.h"
#include "sql/ast_statement.h"

namespace rhei::ast {

Subquery::Subquery() : Expr(kKind) {}
Subquery::~Subquery() = default;
TableArgument::TableArgument() : Expr(kKind) {}
TableArgument::~TableArgument() = default;
DerivedTable::DerivedTable() : TableRef(kKind) {}
DerivedTable::~DerivedTable() = default;
NestedQuery::NestedQuery() : QueryBody(kKind) {}
NestedQuery::~NestedQuery() = default;

bool IsDefinition(StatementKind kind) {
  switch (kind) {
    case StatementKind::kCreateTable:
    case StatementKind::kCreateView:
    case StatementKind::kCreateMaterializedTable:
    case StatementKind::kCreateCatalog:
    case StatementKind::kCreateDatabase:
    case StatementKind::kCreateFunction:
    case StatementKind::kCreateModel:
    case StatementKind::kCreateConnection:
    case StatementKind::kAlterTable:
    case StatementKind::kAlterView:
    case StatementKind::kAlterMaterializedTable:
    case StatementKind::kAlterObject:
    case StatementKind::kAlterFunction:
    case StatementKind::kDrop:
    case StatementKind::kUse:
    case StatementKind::kLoadModule:
    case StatementKind::kUnloadModule: return true;
    case StatementKind::kQuery:
    case StatementKind::kInsert:
    case StatementKind::kUpdate:
    case StatementKind::kDelete:
    case StatementKind::kTruncate:
    case StatementKind::kCallProcedure:
    case StatementKind::kStatementSet:
    case StatementKind::kBeginStatementSet:
    case StatementKind::kEnd:
    case StatementKind::kExecute:
    case StatementKind::kExecutePlan:
    case StatementKind::kCompilePlan:
    case StatementKind::kExplain:
    case StatementKind::kShow:
    case StatementKind::kShowCreate:
    case StatementKind::kDescribe:
    case StatementKind::kSet:
    case StatementKind::kReset:
    case StatementKind::kJar:
    case StatementKind::kStopJob:
    case StatementKind::kSavepointJob:
    case StatementKind::kAnalyzeTable:
    case StatementKind::kClientCommand: return false;
  }
  return false;
}

std::string JoinPath(const NamePath& path) {
  std::string text;
  for (const Name& name : path) {
    if (!text.empty()) text += '.';
    text += name.text;
  }
  return text;
}

std::string_view OperatorText(Operator op) {
  switch (op) {
    case Operator::kFunction: return "";
    case Operator::kOr: return "OR";
    case Operator::kAnd: return "AND";
    case Operator::kNot: return "NOT";
    case Operator::kEquals: return "=";
    case Operator::kNotEquals: return "<>";
    case Operator::kLess: return "<";
    case Operator::kLessOrEqual: return "<=";
    case Operator::kGreater: return ">";
    case Operator::kGreaterOrEqual: return ">=";
    case Operator::kIsNull: return "IS NULL";
    case Operator::kIsNotNull: return "IS NOT NULL";
    case Operator::kIsTrue: return "IS TRUE";
    case Operator::kIsNotTrue: return "IS NOT TRUE";
    case Operator::kIsFalse: return "IS FALSE";
    case Operator::kIsNotFalse: return "IS NOT FALSE";
    case Operator::kIsUnknown: return "IS UNKNOWN";
    case Operator::kIsNotUnknown: return "IS NOT UNKNOWN";
    case Operator::kIsDistinctFrom: return "IS DISTINCT FROM";
    case Operator::kIsNotDistinctFrom: return "IS NOT DISTINCT FROM";
    case Operator::kIsJsonValue: return "IS JSON VALUE";
    case Operator::kIsNotJsonValue: return "IS NOT JSON VALUE";
    case Operator::kIsJsonObject: return "IS JSON OBJECT";
    case Operator::kIsNotJsonObject: return "IS NOT JSON OBJECT";
    case Operator::kIsJsonArray: return "IS JSON ARRAY";
    case Operator::kIsNotJsonArray: return "IS NOT JSON ARRAY";
    case Operator::kIsJsonScalar: return "IS JSON SCALAR";
    case Operator::kIsNotJsonScalar: return "IS NOT JSON SCALAR";
    case Operator::kIsASet: return "IS A SET";
    case Operator::kIsNotASet: return "IS NOT A SET";
    case Operator::kIsEmpty: return "IS EMPTY";
    case Operator::kIsNotEmpty: return "IS NOT EMPTY";
    case Operator::kBetween: return "BETWEEN ASYMMETRIC";
    case Operator::kNotBetween: return "NOT BETWEEN ASYMMETRIC";
    case Operator::kBetweenSymmetric: return "BETWEEN SYMMETRIC";
    case Operator::kNotBetweenSymmetric: return "NOT BETWEEN SYMMETRIC";
    case Operator::kLike: return "LIKE";
    case Operator::kNotLike: return "NOT LIKE";
    case Operator::kSimilarTo: return "SIMILAR TO";
    case Operator::kNotSimilarTo: return "NOT SIMILAR TO";
    case Operator::kIn: return "IN";
    case Operator::kNotIn: return "NOT IN";
    case Operator::kPlus: return "+";
    case Operator::kMinus: return "-";
    case Operator::kMultiply: return "*";
    case Operator::kDivide: return "/";
    case Operator::kModulo: return "%";
    case Operator::kConcat: return "||";
    case Operator::kPlusPrefix: return "+";
    case Operator::kMinusPrefix: return "-";
    case Operator::kOverlaps: return "OVERLAPS";
    case Operator::kContains: return "CONTAINS";
    case Operator::kPeriodEquals: return "EQUALS";
    case Operator::kPrecedes: return "PRECEDES";
    case Operator::kSucceeds: return "SUCCEEDS";
    case Operator::kImmediatelyPrecedes: return "IMMEDIATELY PRECEDES";
    case Operator::kImmediatelySucceeds: return "IMMEDIATELY SUCCEEDS";
    case Operator::kMemberOf: return "MEMBER OF";
    case Operator::kNotMemberOf: return "NOT MEMBER OF";
    case Operator::kSubmultisetOf: return "SUBMULTISET OF";
    case Operator::kNotSubmultisetOf: return "NOT SUBMULTISET OF";
    case Operator::kMultisetUnion: return "MULTISET UNION";
    case Operator::kMultisetUnionAll: return "MULTISET UNION ALL";
    case Operator::kMultisetIntersect: return "MULTISET INTERSECT";
    case Operator::kMultisetIntersectAll: return "MULTISET INTERSECT ALL";
    case Operator::kMultisetExcept: return "MULTISET EXCEPT";
    case Operator::kMultisetExceptAll: return "MULTISET EXCEPT ALL";
    case Operator::kRow: return "ROW";
    case Operator::kArray: return "ARRAY";
    case Operator::kMap: return "MAP";
    case Operator::kMultiset: return "MULTISET";
    case Operator::kItem: return "ITEM";
    case Operator::kDescriptor: return "DESCRIPTOR";
    case Operator::kFinal: return "FINAL";
    case Operator::kRunning: return "RUNNING";
  }
  CHECK(false);
}

}  // namespace rhei::ast

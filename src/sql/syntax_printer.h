#pragma once
// The class behind sql/printer.h; nobody else includes this. Methods are grouped by the file that
// holds them. Ownership: appends to one string. Thread-safety: none.
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast_statement.h"
#include "sql/printer.h"

namespace rhei {

class SyntaxPrinter {
 public:
  // print_expr.cc
  void Expr(const ast::Expr& expr);
  void Type(const ast::TypeName& type);
  // print_query.cc
  void Query(const ast::Query& query);
  // print_statement.cc
  void Statement(const ast::Statement& statement);

  std::string TakeText() { return std::move(out_); }

 private:
  void Put(std::string_view text) { out_ += text; }
  void PutName(const ast::Name& name) { out_ += QuoteName(name.text); }
  void PutPath(const ast::NamePath& path) { out_ += QuotePath(path); }
  void PutString(std::string_view text) { out_ += QuoteString(text); }
  void PutNames(const std::vector<ast::Name>& names);  // (`a`, `b`)

  // print_expr.cc
  void Exprs(const std::vector<ast::ExprPtr>& exprs);
  void LiteralText(const ast::Literal& literal);
  void Interval(const ast::IntervalQualifier& interval);
  void Fields(const std::vector<ast::RowField>& fields);
  void CallText(const ast::Call& call);
  void OperatorCall(const ast::Call& call);
  void FunctionCall(const ast::Call& call);
  bool SpecialArguments(const ast::Call& call);
  bool JsonArguments(const ast::Call& call, std::string_view name);
  void Arguments(const ast::Call& call, size_t begin);
  void CallTail(const ast::Call& call);
  void CaseText(const ast::Case& node);
  void TableArgumentText(const ast::TableArgument& argument);
  void OrderItems(const std::vector<ast::OrderItem>& items);
  void Window(const ast::WindowSpec& window);
  void Bound(const ast::FrameBound& bound);

  // print_query.cc
  void Body(const ast::QueryBody& body);
  void SetOperand(const ast::QueryBody& body, bool parenthesize);
  void SelectText(const ast::Select& select);
  void GroupItems(const std::vector<ast::GroupItem>& items);
  void Table(const ast::TableRef& table);
  void TableCore(const ast::TableRef& table);
  void JoinText(const ast::Join& join);
  void Match(const ast::MatchRecognize& match);
  void PatternText(const ast::Pattern& pattern);
  void Hints(const std::vector<ast::Hint>& hints);

  // print_statement.cc
  void Options(const std::vector<ast::Option>& options);  // (\n  'k' = 'v'\n)
  void With(bool has_options, const std::vector<ast::Option>& options);
  void Keys(const std::vector<std::string>& keys);
  void Partition(const ast::PartitionSpec& spec);
  void Comment(const std::optional<std::string>& comment);
  void AsQuery(const ast::QueryPtr& query);
  void InsertText(const ast::Insert& insert);
  void UpdateText(const ast::Update& update);
  void StatementSetText(const ast::StatementSet& set);
  void ExplainText(const ast::Explain& explain);
  void ShowText(const ast::Show& show);
  void Utility(const ast::Statement& statement);
  // print_table.cc
  void Schema(const ast::TableSchema& schema);
  void Column(const ast::ColumnDef& column);
  void Constraint(const ast::TableConstraint& constraint);
  void DistributionText(const ast::Distribution& distribution);
  void Like(const ast::LikeClause& like);
  void CreateTableText(const ast::CreateTable& table);
  void CreateMaterializedTableText(const ast::CreateMaterializedTable& table);
  void StartModeText(const ast::StartModeClause& clause);
  void AlterSpec(const ast::AlterTableSpec& spec);
  void AlterPartitions(const ast::AlterTableSpec& spec);
  void CreateObject(const ast::Statement& statement);
  void ModelColumns(const std::vector<ast::ModelColumn>& columns);

  std::string out_;
};

}  // namespace rhei

#pragma once
// For tests of the binder: a catalog of four tables, and SQL bound against it as text. The fixture
// is BinderTest for all *_test.cc of this folder; each test has a catalog of its own.
#include <gtest/gtest.h>

#include <string>

#include "binder/binder.h"
#include "plan/logical/print.h"
#include "sql/parser.h"

namespace rhei {

class BinderTest : public ::testing::Test {
 protected:
  BinderTest() {
    context_.catalog = &catalog_;
    Define(
        "CREATE TABLE t (a INT, b STRING, c BIGINT NOT NULL, r ROW<x INT, y ROW<z STRING>>, "
        "arr ARRAY<INT>, m MAP<STRING, INT>, ts TIMESTAMP(3), "
        "WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'test')");
    Define(
        "CREATE TABLE u (a INT, d STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) "
        "WITH ('connector' = 'test')");
    Define("CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'test')");
    Define(
        "CREATE TABLE k (id INT PRIMARY KEY NOT ENFORCED, v DECIMAL(10, 2), w BIGINT NOT NULL) "
        "WITH ('connector' = 'test')");
  }

  void Define(const std::string& sql) { EXPECT_EQ(TryDefine(sql), "ok"); }

  std::string TryDefine(const std::string& sql) {
    Result<ast::StatementPtr> statement = ParseStatement(sql);
    if (!statement.ok()) return "parse: " + statement.status().message();
    context_.text = sql;
    const Status status = ApplyDefinition(**statement, context_);
    return status.ok() ? "ok" : Message(status);
  }

  static std::string Message(const Status& status) {
    const SqlPosition at = status.position();
    return status.message() +
           (at.known() ? " @" + std::to_string(at.line) + ":" + std::to_string(at.column) : "");
  }

  Result<LogicalNodePtr> Bind(const std::string& sql) {
    Result<ast::StatementPtr> statement = ParseStatement(sql);
    if (!statement.ok()) return statement.status();
    context_.text = sql;
    if ((*statement)->kind == ast::StatementKind::kInsert) {
      return BindInsert(ast::As<ast::Insert>(**statement), context_);
    }
    return BindQuery(*ast::As<ast::QueryStatement>(**statement).query, context_);
  }

  // The plan and the types of its columns, or the error.
  std::string Plan(const std::string& sql) {
    Result<LogicalNodePtr> plan = Bind(sql);
    if (!plan.ok()) return Message(plan.status());
    std::string text = "\n" + PrintLogical(**plan);
    for (const Field& field : (*plan)->schema.fields) {
      text += " | " + field.name + " " + field.type.ToString();
      if (field.type.is_rowtime()) text += " *ROWTIME*";
      if (field.type.is_proctime()) text += " *PROCTIME*";
    }
    return text + "\n";
  }

  // The message and its place, of a query or a definition.
  std::string Error(const std::string& sql) {
    Result<ast::StatementPtr> statement = ParseStatement(sql);
    if (!statement.ok()) return Message(statement.status());
    const ast::StatementKind kind = (*statement)->kind;
    if (kind != ast::StatementKind::kQuery && kind != ast::StatementKind::kInsert) {
      return TryDefine(sql);
    }
    Result<LogicalNodePtr> plan = Bind(sql);
    return plan.ok() ? "bound" : Message(plan.status());
  }

  Catalog catalog_;
  BindContext context_;
};

}  // namespace rhei

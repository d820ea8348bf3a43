// Fuzzes the lexer, the splitter, the parser and the printer. Whatever the text: no crash, no hang,
// and what parses prints to text that parses and prints the same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parser.h"
#include "sql/printer.h"
#include "sql/splitter.h"
#include "sql_mutator.h"

namespace rhei {
namespace {

[[noreturn]] void Report(std::string_view what, std::string_view a, std::string_view b) {
  fprintf(stderr, "%.*s\n--- first:\n%.*s\n--- second:\n%.*s\n", int(what.size()), what.data(),
          int(a.size()), a.data(), int(b.size()), b.data());
  abort();
}

void CheckRoundTrip(const ast::Statement& statement) {
  const std::string once = PrintStatement(statement);
  Result<ast::StatementPtr> again = ParseStatementUnchecked(once);
  if (!again.ok()) {
    // Canonical text has more parentheses, so only its nesting may be too deep.
    if (again.status().code() == ErrorCode::kResource) return;
    Report("printed text does not parse", once, again.status().message());
  }
  const std::string twice = PrintStatement(**again);
  if (once != twice) Report("printed text prints differently", once, twice);
}

void CheckScript(std::string_view text) {
  StatementSplitter splitter(text);
  size_t pieces = 0;
  size_t offset = 0;
  while (std::optional<StatementText> next = splitter.Next()) {
    if (next->offset < offset || next->offset + next->text.size() > text.size()) {
      Report("a piece is out of place", text, next->text);
    }
    offset = next->offset + next->text.size();
    ++pieces;
  }
  Result<std::vector<ast::StatementPtr>> script = ParseScript(text);
  if (!script.ok()) {
    const Result<ast::ExprPtr> expr = ParseExpression(text);
    if (expr.ok()) {
      const std::string once = PrintExpr(**expr);
      const Result<ast::ExprPtr> again = ParseExpression(once);
      if (again.ok() && PrintExpr(**again) != once)
        Report("an expression prints differently", once, PrintExpr(**again));
      if (!again.ok() && again.status().code() != ErrorCode::kResource) {
        Report("a printed expression does not parse", once, again.status().message());
      }
    }
    const Result<ast::TypePtr> type = ParseType(text);
    if (type.ok() && !ParseType(PrintType(**type)).ok())
      Report("a printed type does not parse", text, PrintType(**type));
    return;
  }
  if (script->size() != pieces) Report("split and parse disagree", text, std::to_string(pieces));
  for (const ast::StatementPtr& statement : *script) CheckRoundTrip(*statement);
}

}  // namespace
}  // namespace rhei

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  rhei::CheckScript({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned seed) {
  return rhei::MutateSql(data, size, size_max, seed);
}

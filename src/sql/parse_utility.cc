// SHOW, DESCRIBE, USE, SET and the other statements of a session.
#include <fmt/format.h>

#include "sql/syntax_parser.h"

namespace rhei {
namespace {

// What may follow SHOW <words>.
enum class Scope : uint8_t { kNone, kCatalog, kDatabase, kTable };

struct ShowRow {
  Keyword first;
  Keyword second;
  ast::ShowKind show;
  Scope scope;
  bool pattern;
};

constexpr ShowRow kShows[] = {
    {K("CATALOGS"), kNoKeyword, ast::ShowKind::kCatalogs, Scope::kNone, true},
    {K("CURRENT"), K("CATALOG"), ast::ShowKind::kCurrentCatalog, Scope::kNone, false},
    {K("CURRENT"), K("DATABASE"), ast::ShowKind::kCurrentDatabase, Scope::kNone, false},
    {K("DATABASES"), kNoKeyword, ast::ShowKind::kDatabases, Scope::kCatalog, true},
    {K("TABLES"), kNoKeyword, ast::ShowKind::kTables, Scope::kDatabase, true},
    {K("VIEWS"), kNoKeyword, ast::ShowKind::kViews, Scope::kDatabase, true},
    {K("MATERIALIZED"), K("TABLES"), ast::ShowKind::kMaterializedTables, Scope::kDatabase, true},
    {K("USER"), K("FUNCTIONS"), ast::ShowKind::kUserFunctions, Scope::kDatabase, true},
    {K("FUNCTIONS"), kNoKeyword, ast::ShowKind::kFunctions, Scope::kDatabase, true},
    {K("PROCEDURES"), kNoKeyword, ast::ShowKind::kProcedures, Scope::kDatabase, true},
    {K("MODELS"), kNoKeyword, ast::ShowKind::kModels, Scope::kDatabase, true},
    {K("CONNECTIONS"), kNoKeyword, ast::ShowKind::kConnections, Scope::kDatabase, true},
    {K("COLUMNS"), kNoKeyword, ast::ShowKind::kColumns, Scope::kTable, true},
    {K("PARTITIONS"), kNoKeyword, ast::ShowKind::kPartitions, Scope::kNone, false},
    {K("FULL"), K("MODULES"), ast::ShowKind::kFullModules, Scope::kNone, false},
    {K("MODULES"), kNoKeyword, ast::ShowKind::kModules, Scope::kNone, false},
    {K("JARS"), kNoKeyword, ast::ShowKind::kJars, Scope::kNone, false},
    {K("JOBS"), kNoKeyword, ast::ShowKind::kJobs, Scope::kNone, false},
};

}  // namespace

ast::StatementPtr SyntaxParser::ParseShow() {
  if (AtAhead(1, K("CREATE"))) return ParseShowCreate();
  if (AtAhead(1, K("CHECKPOINTS"))) return ParseShowOfJobs(ast::ShowKind::kCheckpoints);
  if (AtAhead(1, K("STATE"))) return ParseShowOfJobs(ast::ShowKind::kState);
  const Mark mark = Here();
  Advance();
  auto show = std::make_unique<ast::Show>();
  Note("CREATE");
  for (const ShowRow& row : kShows) {
    if (!(row.second != kNoKeyword ? AcceptPair(row.first, row.second) : Accept(row.first))) {
      continue;
    }
    show->show = row.show;
    if (row.show == ast::ShowKind::kPartitions) {
      show->scope = ParsePath();
      if (Accept(K("PARTITION"))) show->partition = ParsePartitionSpec(true);
    }
    show->in = row.scope != Scope::kNone && Accept(K("IN"));
    if (row.scope == Scope::kTable && !show->in) Expect(K("FROM"));
    if (show->in || row.scope == Scope::kTable ||
        (row.scope != Scope::kNone && Accept(K("FROM")))) {
      show->scope = ParsePath();
    }
    if (row.show == ast::ShowKind::kDatabases && show->scope.size() > 1) {
      Fail(fmt::format("Show databases from/in identifier [ {} ] format error, catalog must be a "
                       "single part identifier.",
                       ast::JoinPath(show->scope)),
           show->scope[0].position);
    }
    if (row.pattern) ParseShowPattern(show.get());
    return Done(std::move(show), mark);
  }
  for (const ShowRow& row : kShows) {  // SHOW CURRENT x: x is what is wrong.
    if (row.second != kNoKeyword && At(row.first)) {
      Advance();
      break;
    }
  }
  FailUnexpected();
  return nullptr;
}

void SyntaxParser::ParseShowPattern(ast::Show* show) {
  show->not_like = Accept(K("NOT"));
  if (Accept(K("LIKE"))) {
    show->like = true;
  } else if (show->show != ast::ShowKind::kColumns && show->show != ast::ShowKind::kViews &&
             Accept(K("ILIKE"))) {
    show->like = true;
    show->ilike = true;
  } else if (show->not_like) {
    FailUnexpected();
  }
  if (show->like) show->pattern = ParseString();
}

ast::StatementPtr SyntaxParser::ParseShowCreate() {
  const Mark mark = Here();
  Advance();
  Advance();
  auto show = std::make_unique<ast::ShowCreate>();
  if (Accept(K("OR"))) {
    Expect(K("ALTER"));
    show->or_alter = true;
  }
  if (show->or_alter || At(K("MATERIALIZED"))) {
    Expect(K("MATERIALIZED"));
    Expect(K("TABLE"));
    show->object = ast::ObjectKind::kMaterializedTable;
  } else if (Accept(K("TABLE"))) {
    show->object = ast::ObjectKind::kTable;
  } else if (Accept(K("VIEW"))) {
    show->object = ast::ObjectKind::kView;
  } else if (Accept(K("CATALOG"))) {
    show->object = ast::ObjectKind::kCatalog;
  } else if (Accept(K("MODEL"))) {
    show->object = ast::ObjectKind::kModel;
  } else if (Accept(K("CONNECTION"))) {
    show->object = ast::ObjectKind::kConnection;
  } else {
    FailUnexpected();
  }
  show->name = ParsePath();
  return Done(std::move(show), mark);
}

ast::StatementPtr SyntaxParser::ParseDescribe() {
  struct Row {
    Keyword keyword;
    ast::ObjectKind object;
  };
  static constexpr Row kRows[] = {
      {K("CATALOG"), ast::ObjectKind::kCatalog},       {K("DATABASE"), ast::ObjectKind::kDatabase},
      {K("FUNCTION"), ast::ObjectKind::kFunction},     {K("MODEL"), ast::ObjectKind::kModel},
      {K("CONNECTION"), ast::ObjectKind::kConnection},
  };
  const Mark mark = Here();
  Advance();
  auto describe = std::make_unique<ast::Describe>();
  if (At(K("JOB")) && AtAhead(1, TokenKind::kString)) {
    Advance();
    describe->job = true;
    describe->job_id = ParseString();
    return Done(std::move(describe), mark);
  }
  for (const Row& row : kRows) {
    // Most of these words may also name the table.
    const Token& next = Current(1);
    const bool name_follows = next.keyword == K("EXTENDED") ||
                              next.kind == TokenKind::kQuotedName ||
                              (next.kind == TokenKind::kWord && !IsReserved(next.keyword));
    if (!At(row.keyword) || !(name_follows || IsReserved(row.keyword))) continue;
    Advance();
    describe->object = row.object;
    break;
  }
  describe->extended = Accept(K("EXTENDED"));
  if (describe->object == ast::ObjectKind::kCatalog) {
    describe->name.push_back(ParseName());
  } else {
    describe->name = ParsePath();
  }
  return Done(std::move(describe), mark);
}

ast::StatementPtr SyntaxParser::ParseUse() {
  const Mark mark = Here();
  Advance();
  auto use = std::make_unique<ast::Use>();
  const bool name_follows = AtAhead(1, TokenKind::kWord) || AtAhead(1, TokenKind::kQuotedName);
  if (At(K("CATALOG")) && name_follows) {
    Advance();
    use->target = ast::Use::Target::kCatalog;
    use->name.push_back(ParseName());
  } else if (Accept(K("MODULES"))) {
    use->target = ast::Use::Target::kModules;
    do {
      use->modules.push_back(ParseName());
    } while (Accept(TokenKind::kComma));
  } else {
    use->name = ParsePath();
  }
  return Done(std::move(use), mark);
}

ast::StatementPtr SyntaxParser::ParseLoadModule() {
  const Mark mark = Here();
  Advance();
  Expect(K("MODULE"));
  auto load = std::make_unique<ast::LoadModule>();
  load->name = ParseName();
  load->has_options = ParseOptionalWith(&load->options);
  return Done(std::move(load), mark);
}

ast::StatementPtr SyntaxParser::ParseUnloadModule() {
  const Mark mark = Here();
  Advance();
  Expect(K("MODULE"));
  auto unload = std::make_unique<ast::UnloadModule>();
  unload->name = ParseName();
  return Done(std::move(unload), mark);
}

ast::StatementPtr SyntaxParser::ParseSet() {
  const Mark mark = Here();
  Advance();
  auto set = std::make_unique<ast::Set>();
  if (At(TokenKind::kEnd) || At(TokenKind::kSemicolon)) return Done(std::move(set), mark);
  if (!AtString()) {
    set->option = ParseBareSetting();
    return Done(std::move(set), mark);
  }
  ast::Option option;
  option.key_position = Current().position;
  option.key = ParseString();
  Expect(TokenKind::kEquals);
  option.value_position = Current().position;
  option.value = ParseString();
  set->option = std::move(option);
  return Done(std::move(set), mark);
}

ast::StatementPtr SyntaxParser::ParseReset() {
  const Mark mark = Here();
  Advance();
  auto reset = std::make_unique<ast::Reset>();
  if (AtString()) {
    reset->key = ParseString();
  } else if (!At(TokenKind::kEnd) && !At(TokenKind::kSemicolon)) {
    const uint32_t begin = Current().begin;
    reset->key = std::string(SkipToStatementEnd(begin));
    if (reset->key->find_first_of(" '\n\t") != std::string::npos) {
      Fail(fmt::format("RESET takes one key, not {}", *reset->key), tokens_[mark].position);
    }
  }
  return Done(std::move(reset), mark);
}

// The text from `begin` to the last token before `;`.
std::string_view SyntaxParser::SkipToStatementEnd(uint32_t begin) {
  uint32_t end = begin;
  while (!At(TokenKind::kEnd) && !At(TokenKind::kSemicolon)) {
    end = Current().end;
    Advance();
  }
  return text_.substr(begin, end - begin);
}

// SET key = value without quotes, as Flink's gateway takes it: neither may hold a space.
ast::Option SyntaxParser::ParseBareSetting() {
  ast::Option option;
  const Token& first = Current();
  option.key_position = first.position;
  const size_t start = index_;
  const std::string_view text = SkipToStatementEnd(first.begin);
  const auto trim = [](std::string_view s) {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\n' || s.front() == '\t')) {
      s.remove_prefix(1);
    }
    while (!s.empty() && (s.back() == ' ' || s.back() == '\n' || s.back() == '\t')) {
      s.remove_suffix(1);
    }
    return s;
  };
  const size_t equals = text.find('=');
  const std::string_view key = trim(text.substr(0, equals));
  std::string_view value =
      equals == std::string_view::npos ? std::string_view() : trim(text.substr(equals + 1));
  const bool quoted = value.size() >= 2 && value.front() == '\'' && value.back() == '\'';
  if (quoted) value = value.substr(1, value.size() - 2);
  constexpr std::string_view kNotInWords = " '\n\t\r";
  const bool bad_value =
      quoted ? value.find('\'') != std::string_view::npos
             : value.empty() || value.find_first_of(kNotInWords) != std::string_view::npos;
  if (key.empty() || key.find_first_of(kNotInWords) != std::string_view::npos || bad_value) {
    index_ = start;
    Note("<QUOTED_STRING>");
    FailUnexpected();
    return option;
  }
  option.key = std::string(key);
  option.value = std::string(value);
  option.value_position = first.position;
  return option;
}

ast::StatementPtr SyntaxParser::ParseJar(bool remove) {
  const Mark mark = Here();
  Advance();
  Advance();
  auto jar = std::make_unique<ast::Jar>();
  jar->remove = remove;
  jar->path = ParseString();
  return Done(std::move(jar), mark);
}

ast::StatementPtr SyntaxParser::ParseStopJob() {
  const Mark mark = Here();
  Advance();
  Expect(K("JOB"));
  auto stop = std::make_unique<ast::StopJob>();
  stop->job_id = ParseString();
  const SqlPosition position = Current().position;
  stop->with_savepoint = AcceptPair(K("WITH"), K("SAVEPOINT"));
  stop->with_drain = AcceptPair(K("WITH"), K("DRAIN"));
  if (stop->with_drain && !stop->with_savepoint) {
    Fail("WITH DRAIN could only be used after WITH SAVEPOINT.", position);
  }
  return Done(std::move(stop), mark);
}

ast::StatementPtr SyntaxParser::ParseSavepointJob() {
  const Mark mark = Here();
  Advance();
  Expect(K("JOB"));
  auto savepoint = std::make_unique<ast::SavepointJob>();
  savepoint->job_id = ParseString();
  return Done(std::move(savepoint), mark);
}

ast::StatementPtr SyntaxParser::ParseShowOfJobs(ast::ShowKind kind) {
  const Mark mark = Here();
  Advance();
  Advance();
  auto show = std::make_unique<ast::Show>();
  show->show = kind;
  if (Accept(K("FOR"))) {
    Expect(K("JOB"));
    show->job_id = ParseString();
  }
  return Done(std::move(show), mark);
}

ast::StatementPtr SyntaxParser::ParseAnalyze() {
  const Mark mark = Here();
  Advance();
  Expect(K("TABLE"));
  auto analyze = std::make_unique<ast::AnalyzeTable>();
  analyze->table = ParsePath();
  if (Accept(K("PARTITION"))) analyze->partition = ParsePartitionSpec(false);
  Expect(K("COMPUTE"));
  Expect(K("STATISTICS"));
  if (Accept(K("FOR"))) {
    if (Accept(K("ALL"))) {
      Expect(K("COLUMNS"));
      analyze->all_columns = true;
    } else {
      Expect(K("COLUMNS"));
      do {
        analyze->columns.push_back(ParseName());
      } while (Accept(TokenKind::kComma));
    }
  }
  return Done(std::move(analyze), mark);
}

ast::StatementPtr SyntaxParser::ParseTruncate() {
  const Mark mark = Here();
  Advance();
  Expect(K("TABLE"));
  auto truncate = std::make_unique<ast::TruncateTable>();
  truncate->table = ParsePath();
  return Done(std::move(truncate), mark);
}

ast::StatementPtr SyntaxParser::ParseClientCommand(ast::ClientCommand::Command command) {
  const Mark mark = Here();
  Advance();
  auto statement = std::make_unique<ast::ClientCommand>();
  statement->command = command;
  return Done(std::move(statement), mark);
}

}  // namespace rhei

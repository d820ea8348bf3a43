// Fuzzes everything behind the parser: binder, planner, expressions, functions, operators. The text
// is a script over four small tables. Its queries run on one thread, and once more with batches of
// one row and a restore at every barrier: no crash, no hang, and the same table at the end.
//
// Other statements are only checked, and where the script makes tables of its own nothing runs: its
// jobs might never end. There are no files and no network.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/values/values.h"
#include "engine/session.h"
#include "functions/registry.h"
#include "functions/value_text.h"
#include "runtime/seeded_scheduler.h"
#include "sim/simulated_disk.h"
#include "sql/parser.h"
#include "sql/splitter.h"
#include "sql_mutator.h"

namespace rhei {
namespace {

constexpr size_t kTextMax = 4096;
constexpr int kRowsMax = 20'000;
constexpr int64_t kWaitMicros = int64_t{3600} * 1'000'000;

constexpr std::string_view kTables[] = {
    "CREATE TABLE t (a INT NOT NULL, b BIGINT, c STRING, d DECIMAL(10, 2), e DOUBLE, ts "
    "TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH "
    "('connector' "
    "= 'oracle-values', 'rows' = '\n"
    "1|10|ann|1.25|0.5|2024-01-01 00:00:01\n"
    "2|20|bob|-3.10|NULL|2024-01-01 00:00:03\n"
    "1|NULL|bob|NULL|1e300|2024-01-01 00:00:02\n"
    "3|-7|NULL|99999999.99|-0.0|2024-01-01 00:00:09\n"
    "2|9223372036854775807||0.00|2.5|2024-01-01 00:00:05\n"
    "1|10|ann|1.25|0.5|2024-01-01 00:00:01\n"
    "4|0|a longer text than fits inline|5.00|1|2024-01-01 00:00:17\n"
    "1|-1|ann|-0.01|3|2024-01-01 00:00:14\n')",
    "CREATE TABLE u (a INT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH "
    "('connector' "
    "= 'oracle-values', 'rows' = '\n"
    "1|one|2024-01-01 00:00:00\n"
    "2|two|2024-01-01 00:00:04\n"
    "NULL|none|2024-01-01 00:00:06\n"
    "1|uno|2024-01-01 00:00:12\n')",
    "CREATE TABLE changes (id INT, v STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH "
    "('connector' = 'oracle-values', 'changelog-mode' = 'I,UB,UA,D', 'rows' = '\n"
    "+I|1|x|5\n"
    "+I|2|y|6\n"
    "-U|1|x|5\n"
    "+U|1|z|7\n"
    "-D|2|y|6\n"
    "+I|3|x|NULL\n')",
    "CREATE TABLE nested (id INT, arr ARRAY<INT>, m MAP<STRING, INT>, r ROW<x INT, y STRING>, "
    "bin BYTES, g BOOLEAN, born DATE, hour_at TIME, ltz TIMESTAMP_LTZ(3)) WITH ('connector' = "
    "'oracle-values', 'rows' = '\n"
    "1|[1,2,null]|{\"a\":1}|{\"x\":1,\"y\":\"q\"}|YWJj|true|2024-02-29|10:11:12|2024-01-01 "
    "00:00:00\n"
    "2|[]|{}|NULL|NULL|false|1969-12-31|00:00:00|1970-01-01 00:00:00\n"
    "3|NULL|NULL|{\"x\":null,\"y\":null}|AA==|NULL|NULL|NULL|NULL\n')",
};
// What two runs may give differently.
constexpr std::string_view kChance[] = {"RAND", "UUID", "NOW", "CURRENT", "LOCALTIME",
                                        "UNIX", "PROC", "P",   "LTZ"};

class NoOutput final : public OutputStream {
 public:
  Status Write(std::string_view) override { return {}; }
};

struct Machine {
  Machine() : disk(1) {
    Environment base;
    base.standard_output = base.standard_error = &output;
    env = scheduler.MakeEnvironment(base);
    files = disk.Boot(env.clock);
    env.files = files.get();
    engine = std::make_unique<Engine>(EngineOptions{.env = &env, .scheduler = &scheduler});
    for (auto& factory : MakeTestConnectors(store)) engine->AddConnector(std::move(factory));
  }
  std::unique_ptr<Session> Open(bool small_steps) {
    std::unique_ptr<Session> session = Session::Make(engine.get(), {.parallelism = 1});
    (void)session->settings().Set("pipeline.auto-watermark-interval", "0 ms");
    session->AdjustJobs([small_steps](JobOptions* options) {
      options->checkpoint_interval_micros = 0;
      if (small_steps) {
        options->settings.batch_rows_max = 1;
        options->settings.freeze_step_bytes = 100;
        options->barrier_every_batches = 1;
        options->restart_every_checkpoints = 1;
        options->ring_capacity = options->local_capacity = 1;
      }
    });
    for (std::string_view table : kTables) {
      const Status status = session->Check(table);
      if (!status.ok()) {
        fprintf(stderr, "%s\n", status.message().c_str());
        abort();
      }
    }
    return session;
  }

  NoOutput output;
  SeededScheduler scheduler{1};
  SimulatedDisk disk;
  Environment env;
  std::unique_ptr<FileSystem> files;
  std::shared_ptr<RowStore> store = std::make_shared<RowStore>();
  std::unique_ptr<Engine> engine;
};

using Rows = std::map<std::string, int64_t>;

// The table that the query ends with.
Result<Rows> Run(Session* session, std::string_view sql) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Operation> operation, session->Execute(sql));
  const Schema& schema = operation->schema();
  ASSIGN_OR_RETURN(const TimeZone zone, TimeZone::Find("UTC"));
  Rows rows;
  int count = 0;
  while (true) {
    Batch batch;
    ASSIGN_OR_RETURN(const FetchResult fetched, operation->Fetch(kWaitMicros, &batch));
    if (fetched == FetchResult::kEnd) return rows;
    if (fetched == FetchResult::kNotReady) {
      fprintf(stderr, "no row and no end\n");
      abort();
    }
    for (int32_t i = 0; i < batch.row_count; ++i) {
      if (++count > kRowsMax) return Unsupported("many rows");
      std::string cells;
      for (size_t c = 0; c < schema.size(); ++c) {
        const Value value = GetValue(batch.columns[c], i, schema.type(c));
        cells += value.is_null() ? "NULL|" : ValueToString(value, schema.type(c), zone) + "|";
      }
      int64_t& held = rows[cells];
      held += IsAddition(batch.change(i)) ? 1 : -1;
      if (held == 0) rows.erase(cells);
    }
  }
}

// One source and one way from it: which of two rows comes first is not chance.
bool IsOneLine(const PhysicalPlan& plan) {
  std::vector<int> readers(plan.nodes.size());
  int sources = 0;
  for (const PhysicalNode& node : plan.nodes) {
    sources += node.inputs.empty() ? 1 : 0;
    for (const PhysicalInput& input : node.inputs) {
      if (++readers[static_cast<size_t>(input.node)] > 1) return false;
    }
  }
  return sources == 1;
}

bool HasChance(std::string_view sql) {
  Status error;
  for (const Token& token : TokenizePrefix(sql, &error)) {
    std::string word(sql.substr(token.begin, token.end - token.begin));
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    for (std::string_view chance : kChance) {
      if (chance == "P" ? word == chance || word == "`P`"
                        : word.find(chance) != std::string::npos) {
        return true;
      }
    }
  }
  return false;
}

std::string TextOf(const Result<Rows>& rows) {
  if (!rows.ok()) return rows.status().message();
  std::string out;
  for (const auto& [cells, count] : *rows) out += cells + " x" + std::to_string(count) + "\n";
  return out;
}

void RunQuery(Machine* machine, Session* session, const std::string& sql) {
  const Result<PreparedJob> prepared = session->Prepare(sql);
  if (!prepared.ok()) return;
  const Result<Rows> once = Run(session, sql);
  if (!once.ok() || !IsOneLine(*prepared->plan) || HasChance(sql)) return;
  const Result<Rows> again = Run(machine->Open(true).get(), sql);
  if (!again.ok() || *once != *again) {
    fprintf(stderr, "%s\n--- at once:\n%s\n--- in small steps:\n%s\n", sql.c_str(),
            TextOf(once).c_str(), TextOf(again).c_str());
    abort();
  }
}

void RunScript(std::string_view text) {
  if (text.size() > kTextMax) return;
  static Machine* const machine = new Machine;
  const std::unique_ptr<Session> session = machine->Open(false);
  StatementSplitter splitter(text);
  bool own_tables = false;
  while (const std::optional<StatementText> next = splitter.Next()) {
    const std::string sql(next->text);
    const Result<ast::StatementPtr> statement = ParseStatement(sql);
    if (!statement.ok()) return;
    if ((*statement)->kind == ast::StatementKind::kQuery && !own_tables) {
      RunQuery(machine, session.get(), sql);
    } else {
      own_tables = true;
    }
    (void)session->ExplainText(sql);
  }
}

bool IsWord(std::string_view name) {
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

// Examples and calls of every function, and the columns.
std::vector<std::string> Pieces() {
  std::vector<std::string> pieces = {
      "t", "u", "changes", "nested", "a", "b",   "c",   "d", "e",    "ts",      "p",   "name", "id",
      "v", "n", "arr",     "m",      "r", "r.x", "bin", "g", "born", "hour_at", "ltz", "NULL"};
  for (const FunctionDef* function : AllFunctions()) {
    const std::string name(function->name);
    pieces.emplace_back(function->example);
    if (!IsWord(name)) continue;
    for (std::string_view arguments : {"()", "(a)", "(c, a)", "(c, 'x', 1)", "(arr, 1)"}) {
      pieces.push_back(name + std::string(arguments));
    }
  }
  for (const AggregateDef* aggregate : AllAggregates()) {
    const std::string name(aggregate->name);
    for (std::string_view arguments : {"(a)", "(DISTINCT c)", "(d) FILTER (WHERE a > 1)"}) {
      pieces.push_back(name + std::string(arguments));
    }
  }
  return pieces;
}

}  // namespace
}  // namespace rhei

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  rhei::RunScript({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned seed) {
  static const std::vector<std::string>* const pieces =
      new std::vector<std::string>(rhei::Pieces());
  return rhei::MutateSql(data, size, size_max, seed, *pieces);
}

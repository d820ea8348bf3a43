#include "sim/job_list.h"

#include <fmt/format.h>

namespace rhei {
namespace {

constexpr std::string_view kMiniBatch =
    "SET 'table.exec.mini-batch.enabled' = 'true';"
    "SET 'table.exec.mini-batch.allow-latency' = '3 ms';"
    "SET 'table.exec.mini-batch.size' = '7';";

constexpr SimulatedJob kJobs[] = {
    // Windows.
    {"tumble", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), n BIGINT, v BIGINT, top BIGINT",
     "SELECT k, window_start, COUNT(*), SUM(v), MAX(v) FROM "
     "TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "
     "GROUP BY window_start, window_end, k"},
    {"hop", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), n BIGINT, v BIGINT, d BIGINT",
     "SELECT k, window_start, COUNT(*), SUM(v), COUNT(DISTINCT v) FROM "
     "TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND)) "
     "GROUP BY window_start, window_end, k"},
    {"cumulate", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), e TIMESTAMP(3), n BIGINT, v BIGINT",
     "SELECT k, window_start, window_end, COUNT(*), SUM(v) FROM "
     "TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) "
     "GROUP BY window_start, window_end, k"},
    {"session", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), e TIMESTAMP(3), n BIGINT, v BIGINT",
     "SELECT k, window_start, window_end, COUNT(*), SUM(v) FROM "
     "TABLE(SESSION(TABLE orders PARTITION BY k, DESCRIPTOR(ts), INTERVAL '6' SECOND)) "
     "GROUP BY window_start, window_end, k"},
    {"session rows", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), e TIMESTAMP(3), id BIGINT",
     "SELECT k, window_start, window_end, id FROM "
     "TABLE(SESSION(TABLE orders PARTITION BY k, DESCRIPTOR(ts), INTERVAL '6' SECOND))"},
    {"global window", Outcome::kRows, "", "s TIMESTAMP(3), n BIGINT, v BIGINT",
     "SELECT window_start, COUNT(*), SUM(v) FROM "
     "TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "
     "GROUP BY window_start, window_end"},
    {"window top n", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), id BIGINT, v BIGINT, r BIGINT",
     "SELECT k, window_start, id, v, r FROM (SELECT *, ROW_NUMBER() OVER "
     "(PARTITION BY window_start, window_end, k ORDER BY v DESC, id) AS r FROM "
     "TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '20' SECOND))) WHERE r <= 2"},
    {"top n of windows", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), v BIGINT, r BIGINT",
     "SELECT k, window_start, v, r FROM (SELECT *, ROW_NUMBER() OVER "
     "(PARTITION BY window_start, window_end ORDER BY v DESC, k) AS r FROM "
     "(SELECT k, window_start, window_end, SUM(v) AS v FROM "
     "TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "
     "GROUP BY window_start, window_end, k)) WHERE r <= 2"},
    {"window join", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), a BIGINT, b BIGINT",
     "SELECT o.k, o.window_start, o.id, p.id FROM "
     "(SELECT * FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND))) o JOIN "
     "(SELECT * FROM TABLE(TUMBLE(TABLE payments, DESCRIPTOR(ts), INTERVAL '10' SECOND))) p "
     "ON o.k = p.k AND o.window_start = p.window_start AND o.window_end = p.window_end"},
    {"window left join", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), a BIGINT, b BIGINT",
     "SELECT o.k, o.window_start, o.id, p.id FROM "
     "(SELECT * FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND))) o "
     "LEFT JOIN "
     "(SELECT * FROM TABLE(TUMBLE(TABLE payments, DESCRIPTOR(ts), INTERVAL '10' SECOND))) p "
     "ON o.v = p.v AND o.window_start = p.window_start AND o.window_end = p.window_end"},
    {"computed time", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), n BIGINT",
     "SELECT k, window_start, COUNT(*) FROM "
     "TABLE(TUMBLE(TABLE orders_text, DESCRIPTOR(event_time), INTERVAL '10' SECOND)) "
     "GROUP BY window_start, window_end, k"},
    // Time.
    {"time sort", Outcome::kRows, "", "k STRING, id BIGINT, ts TIMESTAMP(3)",
     "SELECT k, id, ts FROM orders ORDER BY ts"},
    {"copy", Outcome::kRows, "", "k STRING, id BIGINT, v BIGINT",
     "SELECT k, id, v FROM orders WHERE v <> 3 UNION ALL SELECT k, id, -v FROM payments"},
    // Groups.
    {"count", Outcome::kChanges, "", "k STRING, n BIGINT, v BIGINT, low BIGINT, top BIGINT",
     "SELECT k, COUNT(*), SUM(v), MIN(v), MAX(v) FROM orders GROUP BY k"},
    {"count distinct", Outcome::kChanges, "", "k STRING, n BIGINT, even BIGINT",
     "SELECT k, COUNT(DISTINCT v), COUNT(DISTINCT v) FILTER (WHERE MOD(v, 2) = 0) FROM orders "
     "GROUP BY k"},
    {"global count", Outcome::kChanges, "", "n BIGINT, v BIGINT",
     "SELECT COUNT(*), SUM(v) FROM orders"},
    {"retracting count", Outcome::kChanges, "", "n BIGINT, keys BIGINT, v BIGINT, top BIGINT",
     "SELECT n, COUNT(*), SUM(v), MAX(v) FROM "
     "(SELECT k, MOD(v, 7) AS m, COUNT(*) AS n, SUM(v) AS v FROM orders GROUP BY k, MOD(v, 7)) "
     "GROUP BY n"},
    {"distinct", Outcome::kChanges, "", "k STRING, m BIGINT",
     "SELECT DISTINCT k, MOD(v, 5) FROM orders"},
    {"grouping sets", Outcome::kChanges, "", "k STRING, m BIGINT, n BIGINT",
     "SELECT k, m, COUNT(*) FROM (SELECT k, MOD(v, 3) AS m FROM orders) "
     "GROUP BY GROUPING SETS ((k), (m), ())"},
    {"bundled count", Outcome::kChanges, kMiniBatch, "k STRING, n BIGINT, v BIGINT",
     "SELECT k, COUNT(*), SUM(v) FROM orders GROUP BY k"},
    // Ranks.
    {"top n", Outcome::kChanges, "", "k STRING, id BIGINT, v BIGINT",
     "SELECT k, id, v FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, id) AS r "
     "FROM orders) WHERE r <= 3"},
    {"numbered top n", Outcome::kChanges, "", "k STRING, id BIGINT, v BIGINT, r BIGINT",
     "SELECT k, id, v, r FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v, id) AS r "
     "FROM orders) WHERE r <= 3"},
    {"top n of counts", Outcome::kChanges, "", "k STRING, n BIGINT, r BIGINT",
     "SELECT k, n, r FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY n DESC, k) AS r FROM "
     "(SELECT k, COUNT(*) AS n FROM orders GROUP BY k)) WHERE r <= 3"},
    {"first row", Outcome::kChanges, "", "k STRING, m BIGINT, id BIGINT",
     "SELECT k, m, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, m ORDER BY ts) AS r FROM "
     "(SELECT k, MOD(v, 4) AS m, id, ts FROM orders)) WHERE r = 1"},
    {"last row", Outcome::kChanges, "", "k STRING, m BIGINT, id BIGINT",
     "SELECT k, m, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, m ORDER BY ts DESC) AS r "
     "FROM (SELECT k, MOD(v, 4) AS m, id, ts FROM orders)) WHERE r = 1"},
    {"some row", Outcome::kChanges, "", "k STRING, m BIGINT",
     "SELECT k, m FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, m ORDER BY p) AS r FROM "
     "(SELECT k, MOD(v, 6) AS m, PROCTIME() AS p FROM orders)) WHERE r = 1"},
    {"limit", Outcome::kChanges, "", "x STRING", "SELECT 'x' FROM (SELECT id FROM orders LIMIT 7)"},
    {"limit of counts", Outcome::kChanges, "", "x STRING",
     "SELECT 'x' FROM (SELECT k, COUNT(*) AS n FROM orders GROUP BY k LIMIT 2)"},
    {"sorted limit", Outcome::kChanges, "", "id BIGINT, v BIGINT",
     "SELECT id, v FROM orders ORDER BY v DESC, id LIMIT 5"},
    // Joins.
    {"join", Outcome::kChanges, "", "a BIGINT, b BIGINT, k STRING",
     "SELECT o.id, p.id, o.k FROM orders o JOIN payments p ON o.v = p.v AND o.k = p.k"},
    {"left join", Outcome::kChanges, "", "a BIGINT, b BIGINT, k STRING",
     "SELECT o.id, p.id, o.k FROM orders o LEFT JOIN payments p ON o.v = p.v AND o.k = p.k"},
    {"full join", Outcome::kChanges, "", "a BIGINT, b BIGINT",
     "SELECT o.id, p.id FROM orders o FULL JOIN payments p ON o.v = p.v AND o.k = p.k"},
    {"join of counts", Outcome::kChanges, "", "k STRING, n BIGINT, m BIGINT",
     "SELECT o.k, o.n, p.m FROM (SELECT k, COUNT(*) AS n FROM orders GROUP BY k) o "
     "JOIN (SELECT k, COUNT(*) AS m FROM payments GROUP BY k) p ON o.k = p.k"},
    {"semi join", Outcome::kChanges, "", "id BIGINT, k STRING",
     "SELECT id, k FROM orders WHERE v IN (SELECT v FROM payments)"},
    // Changes.
    {"upserted table", Outcome::kChanges, "", "id BIGINT, k STRING, v BIGINT",
     "SELECT id, k, v FROM customers"},
    {"sums of upserts", Outcome::kChanges, "", "k STRING, n BIGINT, v BIGINT, top BIGINT",
     "SELECT k, COUNT(*), SUM(v), MAX(v) FROM customers GROUP BY k"},
    {"sums of changes", Outcome::kChanges, "", "k STRING, n BIGINT, v BIGINT, low BIGINT",
     "SELECT k, COUNT(*), SUM(v), MIN(v) FROM ledger GROUP BY k"},
    {"join of upserts", Outcome::kChanges, "", "a BIGINT, b BIGINT, v BIGINT",
     "SELECT o.id, c.id, c.v FROM orders o JOIN customers c ON o.v = c.id"},
    {"upsert sink", Outcome::kUpserts, "",
     "k STRING, n BIGINT, v BIGINT, PRIMARY KEY (k) NOT ENFORCED",
     "SELECT k, COUNT(*), SUM(v) FROM ledger GROUP BY k"},
    {"materialized sink", Outcome::kUpserts, "SET 'table.exec.sink.upsert-materialize' = 'FORCE';",
     "id BIGINT, v BIGINT, k STRING, PRIMARY KEY (id) NOT ENFORCED", "SELECT id, v, k FROM ledger"},
    // Two sinks of one job.
    {"two sinks", Outcome::kRows, "", "k STRING, s TIMESTAMP(3), n BIGINT",
     "SELECT k, window_start, COUNT(*) FROM "
     "TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "
     "GROUP BY window_start, window_end, k; "
     "INSERT INTO copies SELECT id, k, v FROM orders WHERE v > 5;"},
    // Bounded, final rows only.
    {"batch", Outcome::kRows, "SET 'execution.runtime-mode' = 'batch';",
     "k STRING, n BIGINT, v BIGINT",
     "SELECT k, COUNT(*) AS n, SUM(v) FROM orders GROUP BY k ORDER BY n"},
    {"batch join", Outcome::kRows, "SET 'execution.runtime-mode' = 'batch';",
     "k STRING, a BIGINT, b BIGINT",
     "SELECT o.k, o.id, p.id FROM orders o LEFT JOIN payments p ON o.v = p.v AND o.k = p.k"},
};

Status Apply(Session* session, std::string_view statements) {
  while (!statements.empty()) {
    const size_t end = std::min(statements.find(';'), statements.size());
    RETURN_IF_ERROR(session->Execute(statements.substr(0, end)).status());
    statements.remove_prefix(std::min(end + 1, statements.size()));
  }
  return {};
}

std::string Declarations(const SimulatedJob& job, const JobVariant& variant) {
  const std::string_view format = variant.csv ? "csv" : "json";
  std::string text;
  for (const std::string_view table : {"orders", "payments"}) {
    text += fmt::format(
        "CREATE TABLE {0} (id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3), "
        "WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH ('connector' = 'filesystem', "
        "'path' = '/in/{0}', 'format' = '{1}');",
        table, format);
  }
  text += fmt::format(
      "CREATE TABLE orders_text (id BIGINT, k STRING, v BIGINT, ts STRING, "
      "event_time AS TO_TIMESTAMP(ts), WATERMARK FOR event_time AS event_time - INTERVAL '4' "
      "SECOND) WITH "
      "('connector' = 'filesystem', 'path' = '/in/orders', 'format' = '{}');",
      format);
  text +=
      "CREATE TABLE customers (id BIGINT, k STRING, v BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH "
      "('connector' = 'sim-changes', 'path' = '/in/customers', 'kinds' = 'upsert');"
      "CREATE TABLE ledger (id BIGINT, k STRING, v BIGINT) WITH "
      "('connector' = 'sim-changes', 'path' = '/in/ledger');";
  text += fmt::format(
      "CREATE TABLE copies (id BIGINT, k STRING, v BIGINT) WITH ('connector' = 'filesystem', "
      "'path' = '/out/copies', 'format' = '{}');",
      format);
  text += fmt::format("CREATE TABLE answers ({})", job.columns);
  if (job.outcome != Outcome::kRows) {
    return text +
           fmt::format(" WITH ('connector' = 'sim-changes', 'path' = '/out', 'kinds' = '{}')",
                       job.outcome == Outcome::kUpserts ? "upsert" : "all");
  }
  if (variant.partitioned) {
    text += fmt::format(" PARTITIONED BY ({})", job.columns.substr(0, job.columns.find(' ')));
  }
  text +=
      fmt::format(" WITH ('connector' = 'filesystem', 'path' = '/out', 'format' = '{}'", format);
  if (variant.partitioned) text += ", 'sink.partition-commit.policy.kind' = 'success-file'";
  if (variant.small_parts) {
    text +=
        ", 'sink.rolling-policy.file-size' = '300b'"
        ", 'sink.rolling-policy.rollover-interval' = '20 ms'";
  }
  return text + ")";
}

}  // namespace

std::span<const SimulatedJob> AllSimulatedJobs() {
  return kJobs;
}

Result<PreparedJob> PrepareSimulatedJob(Session* session, const SimulatedJob& job,
                                        const JobVariant& variant) {
  RETURN_IF_ERROR(Apply(session, job.settings));
  RETURN_IF_ERROR(Apply(session, Declarations(job, variant)));
  std::string insert = fmt::format("INSERT INTO answers {}", job.query);
  if (insert.ends_with(';')) insert = "EXECUTE STATEMENT SET BEGIN " + insert + " END";
  return session->Prepare(insert);
}

}  // namespace rhei

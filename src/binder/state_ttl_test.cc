#include "binder/binder_test_kit.h"

namespace rhei {
namespace {

// The TTLs of hints that the plan's aggregates and joins have, from the top down.
void AppendTtls(const LogicalNode& node, std::string* out) {
  if (node.kind == LogicalKind::kAggregate) {
    *out += " agg " + std::to_string(static_cast<const LogicalAggregate&>(node).ttl_ms);
  } else if (node.kind == LogicalKind::kJoin) {
    const auto& join = static_cast<const LogicalJoin&>(node);
    *out += " join " + std::to_string(join.left_ttl_ms) + "," + std::to_string(join.right_ttl_ms);
  }
  for (const auto& input : node.inputs) AppendTtls(*input, out);
}

// As Flink's compiled plans have it.
TEST_F(BinderTest, StateTtlHints) {
  const auto ttls = [this](const std::string& sql) {
    Result<LogicalNodePtr> plan = Bind(sql);
    if (!plan.ok()) return Message(plan.status());
    std::string out;
    AppendTtls(**plan, &out);
    return out;
  };
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('x' = '2s') */ a, COUNT(*) FROM u AS x GROUP BY a"),
            " agg 2000");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('default_database.u' = '2s') */ DISTINCT a FROM u"),
            " agg 2000");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s') */ u.a, COUNT(*) FROM u JOIN s ON u.a = s.a "
                 "GROUP BY u.a"),
            " agg -1 join 2000,-1");
  // The left side of the second join is no table.
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s', 'z' = '0s') */ u.a FROM u JOIN s ON u.a = s.a "
                 "JOIN s AS z ON u.a = z.a"),
            " join -1,0 join 2000,-1");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '1s', 'u' = '2s'), STATE_TTL('u' = '3s') */ a, "
                 "COUNT(*) FROM u GROUP BY a"),
            " agg 2000");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('v' = '2s') */ v.a, COUNT(*) FROM (SELECT a FROM u GROUP BY "
                 "a) v GROUP BY v.a"),
            " agg 2000 agg -1");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s') */ a FROM u WHERE a IN (SELECT a FROM s)"),
            " join -1,-1");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '2s') */ x.a, COUNT(*) FROM u AS x GROUP BY x.a"),
            "The options of following hints cannot match the name of input tables or views: \n`u` "
            "in `STATE_TTL` Did you mean 'x'? @1:22");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u' = '-1s') */ a, COUNT(*) FROM u GROUP BY a"),
            "Invalid STATE_TTL hint value: text does not start with a number, and is not a valid "
            "ISO-8601 duration format: -1s @1:28");
  EXPECT_EQ(ttls("SELECT /*+ STATE_TTL('u') */ a, COUNT(*) FROM u GROUP BY a"),
            "Invalid list options in STATE_TTL hint, only support key-value options. @1:12");
}

}  // namespace
}  // namespace rhei

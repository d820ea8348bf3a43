#pragma once
// ToStream: logical trees (after the rules) -> stream nodes, one sink node per tree, scans shared.
//
// Chooses the operators: projections and filters collapse into one Calc; an aggregate over a window
// TVF becomes a window aggregate; a rank becomes a deduplication or a window rank where it can.
// Change kinds are only known as "can produce updates, deletes" afterwards (planner/changelog.h).
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "plan/logical/logical_node.h"
#include "planner/planner.h"
#include "planner/stream_node.h"

namespace rhei {

class ToStream {
 public:
  explicit ToStream(const PlannerSettings& settings) : settings_(settings) {}
  Result<std::vector<StreamNodePtr>> Run(const std::vector<LogicalNodePtr>& sinks);

 private:
  // A chain of projections and filters written over the node below it.
  struct Collapsed {
    LogicalNodePtr bottom;
    std::vector<BoundExprPtr> columns;  // the top's columns over bottom's
    std::vector<BoundExprPtr> terms;    // conditions over bottom's columns
  };
  // What is read of a column: all of it, or some fields of a ROW.
  struct FieldUse {
    bool all = false;
    std::vector<bool> fields;
    bool any() const { return all || !fields.empty(); }
    void AddField(size_t field);
    void Add(const FieldUse& other);
  };
  // What all readers of one table need of it.
  struct SharedScan {
    std::vector<bool> used;
    std::vector<FieldUse> fields;  // by scan column; empty: not known, all
    StreamNodePtr node;
    std::vector<int> moved;  // scan column -> source output column
  };

  // The projection of a table that declares its watermark, shared by all that read the table: the
  // distinct columns that any of them wants, by their text.
  struct SharedTable {
    std::vector<BoundExprPtr> columns;  // over the scan's columns
    Schema schema;
    std::map<std::string, int> index;
    StreamNodePtr node;
  };

  static Collapsed Collapse(const LogicalNodePtr& node);
  // A watermarked projection over a scan, with its columns and watermark written over the scan's
  // columns; null when it stands over something else.
  static const LogicalScan* TableOf(const LogicalProject& project, Collapsed* columns);
  SharedTable& ShareTable(const LogicalScan& scan, const LogicalProject& project,
                          const Collapsed& columns);
  void CollectScans(const LogicalNodePtr& node);
  // Which fields of a scan's ROW columns are read by what stands above `node`, where `use` says
  // what is read of the node's own columns.
  void CollectFields(const LogicalNodePtr& node, const std::vector<FieldUse>& use);
  static void CollectFieldsOf(const BoundExpr& expr, std::vector<FieldUse>* use);
  void UseScan(const LogicalScan& scan, const Collapsed* chain);

  Result<StreamNodePtr> Convert(const LogicalNodePtr& node);
  Result<StreamNodePtr> ConvertScan(const LogicalScan& scan);
  Result<StreamNodePtr> ConvertChain(const LogicalNodePtr& node);
  // The node for `bottom` of a chain; `moved` maps bottom's columns to the node's.
  Result<StreamNodePtr> ConvertBottom(const LogicalNodePtr& bottom, std::vector<int>* moved);
  Result<StreamNodePtr> ConvertTable(const LogicalScan& scan, const LogicalProject& project,
                                     const Collapsed& columns, std::vector<int>* moved);
  Result<StreamNodePtr> ConvertWatermarked(const LogicalProject& project);
  Result<WatermarkStrategy> StrategyOf(const Options& options, SqlPosition position) const;
  StreamNodePtr AssignWatermarks(const StreamNodePtr& input, WatermarkStrategy strategy,
                                 SqlPosition position);
  Result<StreamNodePtr> ConvertValues(const LogicalValues& values);
  Result<StreamNodePtr> ConvertAggregate(const LogicalAggregate& aggregate);
  Result<StreamNodePtr> ConvertGroupingSets(const LogicalAggregate& aggregate);
  // Null when the aggregate is not over the bounds of a window.
  Result<StreamNodePtr> TryWindowAggregate(const LogicalAggregate& aggregate);
  Result<StreamNodePtr> TryAttachedWindowAggregate(const LogicalAggregate& aggregate,
                                                   const StreamNodePtr& input);
  Result<StreamNodePtr> ConvertLegacyWindow(const LogicalLegacyWindowAggregate& aggregate);
  Result<StreamNodePtr> ConvertWindowTvf(const LogicalWindowTvf& tvf);
  Result<StreamNodePtr> ConvertRank(const LogicalRank& rank);
  Result<StreamNodePtr> ConvertJoin(const LogicalJoin& join);
  Result<StreamNodePtr> ConvertUnnest(const LogicalUnnest& unnest);
  Result<StreamNodePtr> ConvertUnion(const LogicalSetOperation& operation);
  Result<StreamNodePtr> ConvertSort(const LogicalSort& sort);
  Result<StreamNodePtr> ConvertSink(const LogicalSink& sink);

  StreamNodePtr MakeCalc(const StreamNodePtr& input, std::vector<BoundExprPtr> projections,
                         const std::vector<BoundExprPtr>& terms, Schema schema);
  StreamNodePtr FilterNormalized(const StreamNodePtr& input,
                                 const std::vector<BoundExprPtr>& terms);
  StreamNodePtr Normalize(const StreamNodePtr& input, const LogicalScan& scan,
                          const std::vector<int>& key);
  StreamNodePtr MakeWindowAggregate(const StreamNodePtr& input,
                                    std::shared_ptr<WindowAggregateSpec> spec,
                                    const LogicalAggregate& logical,
                                    const std::vector<int>& property_of_key);

  const PlannerSettings& settings_;
  std::map<std::string, SharedScan> scans_;
  std::map<std::string, SharedTable> tables_;
};

// What the table's 'rhei.on-error' says.
ErrorPolicy ErrorPolicyOf(const Options& options);
// True when the source's changes come as upserts (or may repeat) and must be normalised by key.
bool NeedsNormalize(const LogicalScan& scan, const PlannerSettings& settings);

}  // namespace rhei

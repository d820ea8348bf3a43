// To add an operator: its file, a declaration and a line in the table.
#include "operators/builtin.h"

#include <string>

namespace rhei {

Result<std::unique_ptr<Operator>> MakeCalc(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeChangelogNormalize(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeDeduplicate(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeDropUpdateBefore(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeExpand(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeGroupAggregate(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeJoin(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeLateRows(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeLimit(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeRank(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeSinkMaterializer(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeSort(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeSortLimit(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeUnion(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeUnnest(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeValues(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeWatermarkAssigner(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeWindowAggregate(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeWindowJoin(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeWindowRank(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeWindowTableFunction(const OperatorSpec& spec);

namespace {

struct OperatorFactory {
  OperatorKind kind;
  Result<std::unique_ptr<Operator>> (*make)(const OperatorSpec& spec);
};

// clang-format off
constexpr OperatorFactory kOperators[] = {
    {OperatorKind::kCalc, MakeCalc},
    {OperatorKind::kChangelogNormalize, MakeChangelogNormalize},
    {OperatorKind::kDeduplicate, MakeDeduplicate},
    {OperatorKind::kDropUpdateBefore, MakeDropUpdateBefore},
    {OperatorKind::kExpand, MakeExpand},
    {OperatorKind::kGroupAggregate, MakeGroupAggregate},
    {OperatorKind::kJoin, MakeJoin},
    {OperatorKind::kLateRows, MakeLateRows},
    {OperatorKind::kLimit, MakeLimit},
    {OperatorKind::kRank, MakeRank},
    {OperatorKind::kSinkMaterializer, MakeSinkMaterializer},
    {OperatorKind::kSort, MakeSort},
    {OperatorKind::kSortLimit, MakeSortLimit},
    {OperatorKind::kTemporalSort, MakeSort},
    {OperatorKind::kUnion, MakeUnion},
    {OperatorKind::kUnnest, MakeUnnest},
    {OperatorKind::kValues, MakeValues},
    {OperatorKind::kWatermarkAssigner, MakeWatermarkAssigner},
    {OperatorKind::kWindowAggregate, MakeWindowAggregate},
    {OperatorKind::kWindowJoin, MakeWindowJoin},
    {OperatorKind::kWindowRank, MakeWindowRank},
    {OperatorKind::kWindowTableFunction, MakeWindowTableFunction},
};
// clang-format on

}  // namespace

std::vector<OperatorKind> BuiltinOperatorKinds() {
  std::vector<OperatorKind> kinds;
  for (const OperatorFactory& factory : kOperators) kinds.push_back(factory.kind);
  return kinds;
}

Result<std::unique_ptr<Operator>> MakeOperator(const OperatorSpec& spec) {
  for (const OperatorFactory& factory : kOperators) {
    if (factory.kind == spec.kind) return factory.make(spec);
  }
  return Unsupported("operator " + std::to_string(static_cast<int>(spec.kind)) +
                     " is not supported yet");
}

}  // namespace rhei

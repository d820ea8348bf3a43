// To add an operator: its file, a declaration and a line in the table.
#include "operators/builtin.h"

#include <string>

namespace rhei {

Result<std::unique_ptr<Operator>> MakeCalc(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeDropUpdateBefore(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeExpand(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeGroupAggregate(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeUnion(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeValues(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeWatermarkAssigner(const OperatorSpec& spec);
Result<std::unique_ptr<Operator>> MakeWindowAggregate(const OperatorSpec& spec);

namespace {

struct OperatorFactory {
  OperatorKind kind;
  Result<std::unique_ptr<Operator>> (*make)(const OperatorSpec& spec);
};

// clang-format off
constexpr OperatorFactory kOperators[] = {
    {OperatorKind::kCalc, MakeCalc},
    {OperatorKind::kDropUpdateBefore, MakeDropUpdateBefore},
    {OperatorKind::kExpand, MakeExpand},
    {OperatorKind::kGroupAggregate, MakeGroupAggregate},
    {OperatorKind::kUnion, MakeUnion},
    {OperatorKind::kValues, MakeValues},
    {OperatorKind::kWatermarkAssigner, MakeWatermarkAssigner},
    {OperatorKind::kWindowAggregate, MakeWindowAggregate},
};
// clang-format on

}  // namespace

Result<std::unique_ptr<Operator>> MakeOperator(const OperatorSpec& spec) {
  for (const OperatorFactory& factory : kOperators) {
    if (factory.kind == spec.kind) return factory.make(spec);
  }
  return Unsupported("operator " + std::to_string(static_cast<int>(spec.kind)) +
                     " is not supported yet");
}

}  // namespace rhei

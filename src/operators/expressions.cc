#include "operators/expressions.h"

namespace rhei {

SessionSettings SessionOf(const OperatorContext& context) {
  SessionSettings session;
  session.time_zone = context.settings->time_zone;
  session.batch_mode = context.settings->batch_mode;
  session.query_start_micros = context.env->clock->WallMicros();
  return session;
}

Result<std::unique_ptr<ExprProgram>> CompileFor(const OperatorContext& context,
                                                std::span<const BoundExprPtr> expressions) {
  return ExprProgram::Compile(expressions, SessionOf(context), context.settings->random_seed);
}

ExprProgram::RunContext RunNow(const OperatorContext& context) {
  ExprProgram::RunContext run;
  run.pool = context.pool;
  run.now_micros = context.env->clock->WallMicros();
  return run;
}

}  // namespace rhei

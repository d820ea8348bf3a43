#pragma once
// Secrets in table options: `${env:NAME}` and `${file:path}` stand for what an environment variable
// or a file holds (without a line end at its end). They are filled in when a job starts and never
// printed, so that plans, SHOW CREATE and messages hold the placeholder.
#include <memory>

#include "base/env.h"
#include "base/status.h"
#include "plan/physical/physical_plan.h"
#include "types/connector_description.h"

namespace rhei {

Result<std::string> ResolveSecret(const std::string& text, const Environment& env);
// The plan with the secrets of sources and sinks filled in; the plan itself when there are none.
Result<std::shared_ptr<const PhysicalPlan>> ResolveSecrets(
    const std::shared_ptr<const PhysicalPlan>& plan, const Environment& env);

}  // namespace rhei

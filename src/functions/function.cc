#include "functions/function.h"

namespace rhei {

void EvalContext::Fail(int32_t row, std::string_view message) {
  // Kernels walk rows in order, so a second mark of a row directly follows the first.
  if (!failures_.empty() && failures_.back().row == row) return;
  failures_.push_back({row, std::string(message)});
}

}  // namespace rhei

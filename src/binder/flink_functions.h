#pragma once
// The names of all functions that Flink 2.3 has, so that one which is not built here is told from
// one that does not exist. Thread-safety: const.
#include <string_view>

namespace rhei {

// `upper_name` in upper case.
bool IsFlinkFunction(std::string_view upper_name);

}  // namespace rhei

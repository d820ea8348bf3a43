#pragma once
// The files of examples/clickstream, embedded in the program.
#include <string_view>

namespace rhei {

std::string_view ClickstreamSql();
std::string_view ClickstreamKafkaSql();
std::string_view ClickstreamCheck();  // check.py

}  // namespace rhei

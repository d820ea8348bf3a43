#pragma once
// Every piece of syntax that Rhei has and Flink 2.3 has not: for the parser, `rhei check` and the
// documentation. There is none so far. A new one is a row here, and the place in the parser that
// accepts it names that row, so that 'rhei.sql.dialect' = 'flink-2.3' can refuse it.
// Thread-safety: constants.
#include <array>
#include <string_view>

namespace rhei {

struct SyntaxExtension {
  std::string_view name;     // Short, for messages.
  std::string_view example;  // A statement that uses it.
  std::string_view purpose;
};

inline constexpr std::array<SyntaxExtension, 0> kSyntaxExtensions = {};

}  // namespace rhei

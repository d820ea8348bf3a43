#pragma once
// Every piece of syntax that Rhei has and Flink 2.3 has not: for the parser, `rhei check` and the
// documentation. Under 'rhei.sql.dialect' = 'flink-2.3' the parser refuses these in Flink's words.
// A new extension is one row here; nothing else lists them. Thread-safety: constants.
#include <array>
#include <string_view>

namespace rhei {

struct SyntaxExtension {
  std::string_view name;     // Short, for messages: "line breaks in quoted names".
  std::string_view example;  // A statement that uses it.
  std::string_view purpose;
};

inline constexpr std::array<SyntaxExtension, 1> kSyntaxExtensions = {{
    {"line breaks in quoted names", "SELECT 1 AS `two\nlines`",
     "Names from files and topics may hold any character."},
}};

}  // namespace rhei

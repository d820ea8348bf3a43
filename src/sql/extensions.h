#pragma once
// Every piece of syntax that Rhei has and Flink 2.3 has not: for the parser, `rhei check` and the
// documentation. The session refuses them under 'rhei.sql.dialect' = 'flink-2.3'.
// Thread-safety: constants.
#include <array>
#include <string_view>

namespace rhei {

struct SyntaxExtension {
  std::string_view name;     // Short, for messages.
  std::string_view example;  // A statement that uses it.
  std::string_view purpose;
};

inline constexpr std::array<SyntaxExtension, 3> kSyntaxExtensions = {{
    {"SHOW CHECKPOINTS", "SHOW CHECKPOINTS", "the retained checkpoints of running jobs"},
    {"SHOW STATE", "SHOW STATE", "what each operator of running jobs keeps"},
    {"SAVEPOINT JOB", "SAVEPOINT JOB 'id'", "writes a savepoint of a job that goes on"},
}};

}  // namespace rhei

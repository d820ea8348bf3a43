#pragma once
// Errors as a person reads them: where, what, the line with a caret under it.
//
//   job.sql:12:8: error: Column 'nme' not found in any table. Did you mean 'name'?
//     12 | SELECT nme FROM t
//        |        ^~~
#include <string>
#include <string_view>

#include "base/status.h"

namespace rhei {

// `text`: the script; the status's position counts from its start. `name`: the file, "-e" or
// "<stdin>". With `color` the words are coloured for a terminal.
std::string ErrorText(const Status& status, std::string_view name, std::string_view text,
                      bool color);

}  // namespace rhei

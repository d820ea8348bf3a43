#pragma once
// Base64 of RFC 4648 as Java's basic encoder and decoder have it. Thread-safety: pure functions.
#include <string>
#include <string_view>

#include "base/status.h"

namespace rhei {

void AppendBase64(std::string_view bytes, std::string* out);
// Padding may be missing; white space is an error. The message is Java's.
Status DecodeBase64(std::string_view text, std::string* out);

}  // namespace rhei

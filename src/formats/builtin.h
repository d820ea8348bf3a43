#pragma once
// The formats of this build, one definition per folder. For builtin.cc only.
#include "formats/format.h"

namespace rhei {

extern const FormatDef kCsvFormat;
extern const FormatDef kJsonFormat;
extern const FormatDef kRawFormat;

}  // namespace rhei

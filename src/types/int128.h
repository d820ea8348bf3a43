#pragma once
// The 128-bit integers behind DECIMAL(19..38). A GCC and Clang extension, spelled once here.
#include <cstdint>

namespace rhei {
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;
}  // namespace rhei

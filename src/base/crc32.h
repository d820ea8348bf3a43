#pragma once
// CRC-32 (the one of gzip) over bytes that come in pieces; its values are fixed for good.
// Thread-safety: any thread.
#include <cstdint>
#include <string_view>

namespace rhei {

// `before`: of the bytes up to here; 0 at the start.
uint32_t ContinueCrc32(uint32_t before, std::string_view bytes);

}  // namespace rhei

#pragma once
// Checksum: 64 bits over bytes that are kept, to find damage: XXH3 of xxHash 0.8, whose values are
// fixed for good. Not against intent. Thread-safety: any thread.
#include <cstdint>
#include <string_view>

namespace rhei {

uint64_t Checksum(std::string_view bytes, uint64_t seed = 0);

}  // namespace rhei

#include "base/crc32.h"

#include <zlib.h>

namespace rhei {

uint32_t ContinueCrc32(uint32_t before, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace rhei

// Any bytes as a segment: as they are, and with the checksums of the index and of the blocks put
// right, so that the fuzzer gets to the sizes and to the compressed bytes.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "base/checksum.h"
#include "checkpoint/segment.h"

namespace rhei {
namespace {

class BytesFile final : public RandomAccessFile {
 public:
  explicit BytesFile(std::string_view bytes) : bytes_(bytes) {}
  Result<size_t> ReadAt(uint64_t offset, char* out, size_t size) override {
    if (offset >= bytes_.size()) return size_t{0};
    return bytes_.copy(out, size, static_cast<size_t>(offset));
  }

 private:
  std::string_view bytes_;
};

constexpr size_t kHeader = 32;
constexpr size_t kEntry = 16;
constexpr size_t kTrailer = 32;

template <typename T>
T Load(const std::string& bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

// Makes the frame and every checksum right, as far as the sizes allow it.
void PutRight(std::string* bytes) {
  const size_t trailer = bytes->size() - kTrailer;
  bytes->replace(0, 12, std::string("RHEISEG\n\1\0\0\0", 12));
  bytes->replace(bytes->size() - 8, 8, "RHEIEND\n");
  // Few blocks, so that there is something left for them.
  const uint64_t count = Load<uint64_t>(*bytes, trailer) % 4;
  std::memcpy(bytes->data() + trailer, &count, sizeof(count));
  const size_t index_bytes = static_cast<size_t>(count) * kEntry;
  if (kHeader + index_bytes > trailer) return;
  const size_t index = trailer - index_bytes;
  size_t at = kHeader;
  for (size_t i = 0; i < count; ++i) {
    const size_t stored = std::min<size_t>(Load<uint32_t>(*bytes, index + i * kEntry), index - at);
    const uint64_t checksum = Checksum(std::string_view(*bytes).substr(at, stored), i);
    std::memcpy(bytes->data() + index + i * kEntry + 8, &checksum, sizeof(checksum));
    at += stored;
  }
  const uint64_t checksum = Checksum(bytes->substr(0, kHeader) + bytes->substr(index, index_bytes) +
                                     bytes->substr(trailer, 16));
  std::memcpy(bytes->data() + trailer + 16, &checksum, sizeof(checksum));
}

void ReadIt(std::string_view bytes) {
  auto reader =
      SegmentReader::Open(std::make_unique<BytesFile>(bytes), bytes.size(), "fuzz", nullptr);
  if (!reader.ok()) return;
  if (!(*reader)->VerifyAll().ok()) return;
  std::string all(static_cast<size_t>((*reader)->raw_bytes()), '\0');
  if (!(*reader)->Read(0, all.size(), all.data()).ok()) abort();
  if (!(*reader)->Verify(0, all.size()).ok()) abort();
}

}  // namespace
}  // namespace rhei

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  rhei::ReadIt(bytes);
  if (size < rhei::kHeader + rhei::kTrailer) return 0;
  rhei::PutRight(&bytes);
  rhei::ReadIt(bytes);
  return 0;
}

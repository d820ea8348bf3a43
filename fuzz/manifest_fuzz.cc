// Any bytes as a manifest. The bytes are taken as they are, and once more with the magic, version,
// length and checksum put right, so that the fuzzer gets to what is behind them.
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/checksum.h"
#include "checkpoint/manifest.h"
#include "state/state_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)rhei::DecodeManifest(bytes, "fuzz");
  std::string framed = "RHEIMAN\n";
  rhei::WriteFixed(uint32_t{2}, &framed);
  rhei::WriteFixed(static_cast<uint64_t>(size), &framed);
  framed += bytes;
  rhei::WriteFixed(rhei::Checksum(framed), &framed);
  const rhei::Result<rhei::Manifest> manifest = rhei::DecodeManifest(framed, "fuzz");
  if (!manifest.ok()) return 0;
  // What was accepted can be written, and read again as the same.
  const std::string written = rhei::EncodeManifest(*manifest);
  const rhei::Result<rhei::Manifest> again = rhei::DecodeManifest(written, "fuzz");
  if (!again.ok() || rhei::EncodeManifest(*again) != written) abort();
  return 0;
}

#pragma once
// Whether this machine can run this build. main() asks before anything else, so that an older CPU
// gets a sentence and not an illegal instruction.
//
//   if (const char* reason = CpuTooOld()) { write(2, reason); return kExitUsage; }

namespace rhei {

// Null when this build runs here; otherwise a text for the user, with a line feed. Needs nothing to
// be initialised and is compiled without the instructions that it asks about.
const char* CpuTooOld() noexcept;

}  // namespace rhei

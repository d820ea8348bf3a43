#pragma once
// CHECK stops the process when an invariant is broken, in every build; DCHECK only without NDEBUG,
// for checks too slow to ship. Neither may fire because of anything a user does: that is a Status.

namespace rhei {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition) noexcept;
}  // namespace rhei

#define CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::rhei::CheckFailed(__FILE__, __LINE__, #condition))
#ifdef NDEBUG
#define DCHECK(condition) void(0)
#else
#define DCHECK(condition) CHECK(condition)
#endif

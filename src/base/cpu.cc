#include "base/cpu.h"

namespace rhei {

const char* CpuTooOld() noexcept {
#ifdef RHEI_BUILT_FOR_X86_64_V3
  __builtin_cpu_init();
  // These four came together with the rest of x86-64-v3 (Intel Haswell, AMD Excavator).
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
      !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("fma")) {
    return "rhei: this program needs a processor with AVX2, BMI2 and FMA (x86-64-v3; Intel since "
           "2013, AMD since 2015). The preset 'portable' builds one without them.\n";
  }
#endif
  return nullptr;
}

}  // namespace rhei

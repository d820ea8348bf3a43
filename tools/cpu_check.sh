#!/bin/bash
# Says in plain words when the release build (x86-64-v3) would not run on this machine.
if [ "$(uname -m)" != x86_64 ]; then
  echo "rhei: the release build needs an x86-64 processor, this one is $(uname -m)." >&2
elif ! grep -qw avx2 /proc/cpuinfo || ! grep -qw bmi2 /proc/cpuinfo || ! grep -qw fma /proc/cpuinfo; then
  echo "rhei: the release build needs a processor with AVX2, BMI2 and FMA (x86-64-v3; Intel since" >&2
  echo "      2013, AMD since 2015). This one has not: $(sed -n 's/^model name.*: //p;T;q' /proc/cpuinfo)." >&2
else
  exit 0
fi
echo "      'cmake --preset portable && cmake --build --preset portable' builds without them." >&2
exit 1

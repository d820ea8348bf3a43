#!/bin/bash
# tools/deps.sh [test]: installs the Debian 12 packages that Rhei needs and that are missing; with
# "test" also those of the tests (clang for lint and fuzzing, Java and Maven for a real Kafka).
# Asks nothing. When everything is there it makes one dpkg-query call and no apt call.
set -euo pipefail

build_packages=(
  g++ cmake ninja-build ccache mold python3
  libgtest-dev libfmt-dev librdkafka-dev libicu-dev libre2-dev libabsl-dev
  libzstd-dev libxxhash-dev zlib1g-dev libssl-dev nlohmann-json3-dev libcli11-dev
)
test_packages=(git clang-14 clang-format-14 libclang-rt-14-dev maven openssl)

wanted=("${build_packages[@]}")
[ "${1:-}" = test ] && wanted+=("${test_packages[@]}")
# Maven brings a Java of its own; one that is already there is as good.
[ "${1:-}" = test ] && ! command -v java >/dev/null && wanted+=(default-jre-headless)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "deps: this is not Debian, install yourself what is missing of: ${wanted[*]}" >&2
  exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
  awk '$1 == "installed" { print $2 }') || true
missing=()
for package in "${wanted[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "deps: run as root or install sudo; missing packages: ${missing[*]}" >&2
    exit 1
  }
  sudo=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null
}
echo "deps: installing ${missing[*]}"
# A new machine may have no package lists, or lists that name versions which are gone.
apt install --no-install-recommends "${missing[@]}" || {
  apt update && apt install --no-install-recommends "${missing[@]}"
} || {
  tail -20 "$log" >&2
  echo "deps: apt-get could not install: ${missing[*]}" >&2
  exit 1
}

#include "base/kill_point.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <string>
#include <vector>

#include "base/nearest_name.h"

namespace rhei {
namespace {

constexpr std::array<std::string_view, kKillPointCount> kNames = {
    "source-position",  "barrier",         "seal-unsynced",    "sealed",
    "snapshot",         "segment-part",    "segment-written",  "segment-synced",
    "manifest-written", "manifest-synced", "manifest-renamed", "manifest-published",
    "commit-mark",      "commit-first",    "commit-between",   "commit-renamed",
    "commit-partition", "commit-done",     "committed-mark",   "sweep",
    "last-committed",   "finished-mark",   "restore-read",     "restore-commits",
    "restore-sink"};

class ProcessKill final : public KillPoints {
 public:
  ProcessKill(KillPoint at, int64_t nth) : at_(at), left_(nth) {}
  void Pass(KillPoint point) override {
    if (point != at_ || left_.fetch_sub(1) != 1) return;
    kill(getpid(), SIGKILL);
    while (true) pause();  // the signal may reach another thread first
  }

 private:
  const KillPoint at_;
  std::atomic<int64_t> left_;
};

}  // namespace

std::string_view KillPointName(KillPoint point) {
  return kNames[static_cast<size_t>(point)];
}

Result<std::unique_ptr<KillPoints>> MakeProcessKill(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  int64_t nth = 1;
  if (colon != std::string_view::npos) {
    const std::string_view number = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), nth);
    if (error != std::errc() || end != number.data() + number.size() || nth < 1) {
      return InvalidArgument("RHEI_KILL_AT: '" + std::string(number) +
                             "' is not a number of passings; the form is POINT:NTH");
    }
  }
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) {
      return std::unique_ptr<KillPoints>(
          std::make_unique<ProcessKill>(static_cast<KillPoint>(i), nth));
    }
  }
  return InvalidArgument(
      "RHEI_KILL_AT: no kill point is named '" + std::string(name) + "'." +
      DidYouMean(name, std::vector<std::string_view>(kNames.begin(), kNames.end())));
}

}  // namespace rhei

#include "cli/demo_log.h"

#include <array>

#include <fmt/format.h>

#include "types/temporal.h"

namespace rhei {
namespace {

constexpr int64_t kDayStart = 1727308800;  // 2024-09-26 00:00:00 UTC
constexpr int64_t kDaySeconds = 86400;

// splitmix64: small, good enough, and the same everywhere.
class Draws {
 public:
  explicit Draws(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t x = state_ += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
  }
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  // True once in `n` times.
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  // Small numbers are far more likely than large ones, as with pages and visitors.
  uint64_t Skewed(uint64_t bound) { return Below(Below(Below(bound) + 1) + 1); }

 private:
  uint64_t state_;
};

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 8> kSections = {"/",      "/blog/", "/shop/",  "/docs/",
                                                       "/help/", "/news/", "/search", "/about/"};
constexpr std::array<std::string_view, 4> kAssets = {"/css/site.css", "/js/app.js", "/img/logo.png",
                                                     "/favicon.ico"};
constexpr std::array<std::string_view, 7> kAgents = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5",
    "curl/8.5.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0)",
    "Said \\\"hello\\\" to you/1.0"};
constexpr std::array<std::string_view, 5> kReferers = {
    "-", "https://example.org/",
    "https://example.org/stra\xC3\x9F"
    "e?q=\xE6\x97\xA5\xE6\x9C\xAC",
    "https://search.example/?q=\\\"exact words\\\"", "android-app://com.example"};
constexpr std::array<int, 12> kStatuses = {200, 201, 204, 301, 302, 304,
                                           400, 401, 403, 404, 500, 503};

std::string Address(Draws& draws) {
  const uint64_t visitor = draws.Skewed(60'000);
  if (visitor % 11 == 3) return fmt::format("2001:db8:{:x}::{:x}", visitor / 997, visitor % 65521);
  return fmt::format("{}.{}.{}.{}", 10 + visitor % 190, visitor / 250 % 250, visitor % 250,
                     1 + visitor * 7 % 250);
}

std::string Path(Draws& draws) {
  if (draws.OneIn(4)) return std::string(kAssets[draws.Below(kAssets.size())]);
  const std::string_view section = kSections[draws.Skewed(kSections.size())];
  if (section == "/search")
    return fmt::format("/search?q=word{}&page={}", draws.Below(500), draws.Below(5));
  if (section == "/") return "/";
  return fmt::format("{}article-{}.html", section, draws.Skewed(400));
}

int StatusCode(Draws& draws) {
  return draws.OneIn(8) ? kStatuses[draws.Below(kStatuses.size())] : 200;
}

std::string GoodLine(Draws& draws, int64_t seconds) {
  const CivilDate date = CivilFromDays(FloorDiv(seconds, kDaySeconds));
  const int64_t of_day = FloorMod(seconds, kDaySeconds);
  const int status = StatusCode(draws);
  const std::string size =
      status == 304 || status == 204 ? "-" : fmt::format("{}", 200 + draws.Skewed(80'000));
  const std::string_view method = draws.OneIn(20) ? "POST" : draws.OneIn(50) ? "HEAD" : "GET";
  return fmt::format(
      "{} - {} [{:02}/{}/{}:{:02}:{:02}:{:02} +0000] \"{} {} HTTP/1.1\" {} {} \"{}\" \"{}\"\n",
      Address(draws), draws.OneIn(30) ? "ann" : "-", date.day,
      kMonths[static_cast<size_t>(date.month) - 1], date.year, of_day / 3600, of_day % 3600 / 60,
      of_day % 60, method, Path(draws), status, size, kReferers[draws.Skewed(kReferers.size())],
      kAgents[draws.Skewed(kAgents.size())]);
}

std::string BadLine(Draws& draws, int64_t seconds) {
  switch (draws.Below(4)) {
    case 0: {
      std::string line = GoodLine(draws, seconds);
      return line.substr(0, 10 + draws.Below(25)) + "\n";
    }
    case 1: return "-- log rotated --\n";
    case 2: return fmt::format("{{\"level\":\"warn\",\"t\":{}}}\n", seconds);
    default: return fmt::format("[{}] child process {} exited\n", seconds, draws.Below(30000));
  }
}

}  // namespace

Status WriteDemoLog(const DemoLogOptions& options, const std::string& path, FileSystem& files) {
  ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, files.Create(path, true));
  Draws draws(options.seed);
  std::string block;
  for (int64_t i = 0; i < options.lines; ++i) {
    int64_t seconds = kDayStart + i * kDaySeconds / options.lines;
    if (draws.OneIn(100)) {
      block += BadLine(draws, seconds);
    } else {
      // Most lines come in order, some seconds late; a few by far too late.
      seconds -= draws.OneIn(200) ? 301 + static_cast<int64_t>(draws.Below(1800))
                                  : static_cast<int64_t>(draws.Skewed(20));
      block += GoodLine(draws, seconds);
    }
    if (block.size() > (1 << 20)) {
      RETURN_IF_ERROR(file->Append(block));
      block.clear();
    }
  }
  RETURN_IF_ERROR(file->Append(block));
  return file->Close();
}

}  // namespace rhei

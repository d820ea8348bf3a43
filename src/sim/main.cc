// rhei-sim: runs seeds of the deterministic simulation; see sim/simulation.h.
//
//   rhei-sim --seed N                one seed; exit code 0 when the result is that without faults
//   rhei-sim --seeds FROM..TO        TO is not run; stops at --failures (10) seeds that differ
//   rhei-sim --seed-file FILE        the first number of each line that is not a comment
//   --plant KIND                     with a bug in what surrounds the engine: exit code 0 when no
//                                    seed finds it
//   --verbose                        what each seed draws and what happens
//   --files                          also what lies on the disk at the end
//
// Standard output depends on the arguments alone: no time, address or process id.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/env.h"
#include "sim/simulation.h"

namespace rhei {
namespace {

struct Arguments {
  std::vector<uint64_t> seeds;
  uint64_t from = 0;
  uint64_t to = 0;
  PlantedBug bug = PlantedBug::kNone;
  uint64_t failures_max = 10;
  bool verbose = false;
  bool files = false;
};

Result<uint64_t> ParseNumber(std::string_view text) {
  // Negative numbers are 64-bit numbers too.
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, base);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return InvalidArgument(fmt::format("'{}' is not a 64-bit number", text));
  }
  return negative ? ~number + 1 : number;
}

Status ReadSeeds(const std::string& path, std::vector<uint64_t>* seeds) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(*RealEnvironment().files, path));
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty() || line[0] == '#') continue;
    ASSIGN_OR_RETURN(const uint64_t seed, ParseNumber(line.substr(0, line.find(' '))));
    seeds->push_back(seed);
  }
  return {};
}

Result<Arguments> Parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--verbose") {
      arguments.verbose = true;
      continue;
    }
    if (word == "--files") {
      arguments.files = arguments.verbose = true;
      continue;
    }
    if (i + 1 == words.size()) return InvalidArgument("what is '" + word + "'?");
    const std::string& value = words[++i];
    if (word == "--seed") {
      ASSIGN_OR_RETURN(const uint64_t seed, ParseNumber(value));
      arguments.seeds.push_back(seed);
    } else if (word == "--seeds") {
      const size_t dots = value.find("..");
      if (dots == std::string::npos) return InvalidArgument("--seeds takes FROM..TO");
      ASSIGN_OR_RETURN(arguments.from, ParseNumber(value.substr(0, dots)));
      ASSIGN_OR_RETURN(arguments.to, ParseNumber(value.substr(dots + 2)));
    } else if (word == "--seed-file") {
      RETURN_IF_ERROR(ReadSeeds(value, &arguments.seeds));
    } else if (word == "--plant") {
      ASSIGN_OR_RETURN(arguments.bug, ParsePlantedBug(value));
    } else if (word == "--failures") {
      ASSIGN_OR_RETURN(arguments.failures_max, ParseNumber(value));
    } else {
      return InvalidArgument("what is '" + word + "'?");
    }
  }
  if (arguments.seeds.empty() && arguments.from >= arguments.to) {
    return InvalidArgument(
        "usage: rhei-sim --seed N | --seeds FROM..TO | --seed-file FILE [--plant KIND] "
        "[--failures N] [--verbose] [--files]");
  }
  return arguments;
}

void Print(const SimulationReport& report, const Arguments& arguments) {
  if (report.equal && !arguments.verbose) return;
  std::string text = fmt::format(
      "seed {}: {}: {} steps, {} restarts, {} checkpoints, trace {:016x}\n", report.seed,
      report.refused ? "refused"
      : report.equal ? "equal"
                     : "DIFFERENT",
      report.step_count, report.restart_count, report.checkpoint_count, report.trace);
  for (const std::string& line : report.scenario) text += "  " + line + "\n";
  for (const std::string& line : report.events) text += "  " + line + "\n";
  for (const auto& [path, bytes] : report.files) {
    if (arguments.files) text += fmt::format("== {}\n{}\n", path, bytes);
  }
  if (!report.equal) {
    text += "  " + report.difference + "\n";
    text += fmt::format("  replay: rhei-sim --seed {}{} --verbose\n", report.seed,
                        arguments.bug == PlantedBug::kNone
                            ? ""
                            : fmt::format(" --plant {}", PlantedBugName(arguments.bug)));
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

int Run(const Arguments& arguments) {
  Simulator simulator;
  uint64_t run = 0, failed = 0, refused = 0, restarts = 0, checkpoints = 0;
  const uint64_t count = arguments.seeds.size() + (arguments.to - arguments.from);
  for (uint64_t i = 0; i < count && failed < arguments.failures_max; ++i) {
    const uint64_t seed = i < arguments.seeds.size()
                              ? arguments.seeds[i]
                              : arguments.from + (i - arguments.seeds.size());
    const Result<SimulationReport> report = simulator.Run(seed, arguments.bug);
    if (!report.ok()) {
      std::fprintf(stderr, "rhei-sim: %s\n", report.status().message().c_str());
      return 2;
    }
    ++run;
    restarts += static_cast<uint64_t>(report->restart_count);
    checkpoints += static_cast<uint64_t>(report->checkpoint_count);
    if (!report->equal) ++failed;
    if (report->refused && report->equal) ++refused;
    Print(*report, arguments);
  }
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(run - failed),
              static_cast<unsigned long long>(failed));
  std::printf("note: %llu seeds, %llu restarts, %llu checkpoints, %llu refused after damage\n",
              static_cast<unsigned long long>(run), static_cast<unsigned long long>(restarts),
              static_cast<unsigned long long>(checkpoints),
              static_cast<unsigned long long>(refused));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace rhei

int main(int argc, char** argv) {
  const rhei::Result<rhei::Arguments> arguments =
      rhei::Parse(std::vector<std::string>(argv + 1, argv + argc));
  if (!arguments.ok()) {
    std::fprintf(stderr, "rhei-sim: %s\n", arguments.status().message().c_str());
    return 2;
  }
  return rhei::Run(*arguments);
}

#include "engine/plan_difference.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "columnar/hash.h"
#include "operators/builtin.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"
#include "state/state_bytes.h"
#include "state/state_store.h"
#include "types/side_tables.h"

namespace rhei {
namespace {

constexpr std::string_view kJobLine = "job\t";
constexpr std::string_view kSinkLine = "sink\t";
constexpr std::string_view kSourceLine = "source\t";
constexpr std::string_view kFileLine = "file\t";
constexpr std::string_view kRunLine = "run\t";
constexpr std::string_view kSpecialLines[] = {kJobLine, kSinkLine, kSourceLine, kFileLine,
                                              kRunLine};
constexpr std::string_view kWrites = "writes ";

std::string DefinitionOf(const PhysicalNode& node) {
  switch (node.spec->kind) {
    case OperatorKind::kSource: return "reads " + static_cast<const SourceSpec&>(*node.spec).table;
    case OperatorKind::kSink:
      return fmt::format("{}{}", kWrites, static_cast<const SinkSpec&>(*node.spec).table);
    default: return node.description;
  }
}

// The connector of a sink; empty for another operator and the result of a SELECT.
std::string ConnectorOf(const PhysicalNode& node) {
  if (node.spec->kind != OperatorKind::kSink) return "";
  const Options& options = static_cast<const SinkSpec&>(*node.spec).options;
  const auto connector = options.find("connector");
  return connector == options.end() ? "" : connector->second;
}

std::string OptionOf(const Options& options, const std::string& key) {
  const auto found = options.find(key);
  return found == options.end() ? "" : found->second;
}

// "filesystem /data/in", "kafka clicks"; empty for what is no table's source.
std::string PlaceOf(const PhysicalNode& node) {
  if (node.spec->kind != OperatorKind::kSource) return "";
  const Options& options = static_cast<const SourceSpec&>(*node.spec).options;
  std::string place = OptionOf(options, "connector");
  for (const char* key : {"path", "topic", "topic-pattern"}) {
    const std::string value = OptionOf(options, key);
    if (!place.empty() && !value.empty()) place += " " + value;
  }
  std::replace(place.begin(), place.end(), '\n', ' ');
  return place;
}

std::set<std::string> PartsOf(std::string_view list, char separator) {
  std::set<std::string> parts;
  while (!list.empty()) {
    const size_t end = std::min(list.find(separator), list.size());
    parts.emplace(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

// Whether a source knows its positions again: in the same place, or in one that holds the old one.
bool HoldsPlace(std::string_view was, std::string_view is) {
  if (was == is) return true;
  const size_t space = was.find(' ');
  if (space == std::string_view::npos || !is.starts_with(was.substr(0, space + 1))) return false;
  was.remove_prefix(space + 1);
  is.remove_prefix(space + 1);
  if (was.starts_with(is) && was.substr(is.size()).starts_with("/")) return true;
  const std::set<std::string> before = PartsOf(was, ';'), now = PartsOf(is, ';');
  return std::includes(now.begin(), now.end(), before.begin(), before.end());
}

// What follows `prefix` in the lines that begin so: id, tab, text. Without one: the operators'
// definitions.
std::map<std::string, std::string> LinesOf(const JobDescription& description,
                                           std::string_view prefix) {
  std::map<std::string, std::string> lines;
  std::string_view rest = description.plan_fingerprint;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const bool special = std::any_of(std::begin(kSpecialLines), std::end(kSpecialLines),
                                     [&](std::string_view each) { return line.starts_with(each); });
    if (prefix.empty() ? special : !line.starts_with(prefix)) continue;
    line.remove_prefix(prefix.size());
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    lines.emplace(line.substr(0, tab), line.substr(tab + 1));
  }
  return lines;
}

class NoWakeups final : public WakeupService {
 public:
  void WakeAtMicros(int64_t) override {}
  void WakeNow() override {}
};

// Opens the operator on states of the stored schemas without content: ok, or what does not fit.
Status TryStates(const PhysicalNode& node, const std::vector<JobDescription::State>& states,
                 const OperatorTrial& trial) {
  auto frozen = std::make_shared<FrozenState>();
  frozen->operator_id = node.operator_id;
  for (const JobDescription::State& state : states) {
    StateSection section;
    section.state_name = state.name;
    section.key_group = state.schema == "list" ? -1 : 0;
    WriteBytes(state.schema, &section.bytes);
    frozen->sections.push_back(std::move(section));
  }
  MemoryPool pool("trial", MemoryPool::kUnlimited);
  StateStore store(node.operator_id, {0, kKeyGroupCount}, &pool);
  RETURN_IF_ERROR(store.Restore({frozen}));
  Counters counters;
  NoWakeups wakeups;
  OperatorContext context;
  context.operator_id = node.operator_id;
  context.operator_name = node.name;
  context.input_count = static_cast<int>(node.inputs.size());
  context.env = trial.env;
  context.settings = trial.settings;
  context.state = &store;
  context.pool = &pool;
  context.counters = &counters;
  context.wakeup = &wakeups;
  context.io = trial.io;
  context.restored = true;
  ASSIGN_OR_RETURN(std::unique_ptr<Operator> made, MakeOperator(*node.spec));
  return made->Open(context);
}

bool IsEdge(const PhysicalNode& node) {
  return node.spec->kind == OperatorKind::kSource || node.spec->kind == OperatorKind::kSink;
}

bool IsKeyed(const std::vector<JobDescription::State>& states) {
  return std::any_of(states.begin(), states.end(),
                     [](const JobDescription::State& state) { return state.schema != "list"; });
}

// Whether something is lost with the state: rows kept, or a place in a source or sink.
bool Matters(const JobDescription::OperatorEntry& entry) {
  if (entry.states.empty()) return false;
  return IsKeyed(entry.states) || entry.id.find("/TableSourceScan") != std::string::npos ||
         entry.id.find("/Sink-") != std::string::npos;
}

// Why a source or sink is at another place than the one that its state is of, with `compared`
// completed by what the definitions do not say; empty: it goes on, as do others without keys.
std::string WhyElsewhere(const PhysicalNode& node, const std::string& connector,
                         const std::string& place, PlanDifference::Entry* compared) {
  if (compared->was != compared->is) return IsEdge(node) ? "another table" : "";
  if (!connector.empty() && connector != ConnectorOf(node)) {
    compared->was += " by " + connector;
    compared->is += " by " + ConnectorOf(node);
    return "another connector";
  }
  if (!place.empty() && !HoldsPlace(place, PlaceOf(node))) {
    compared->was += " from " + place;
    compared->is += " from " + PlaceOf(node);
    return "reads from somewhere else";
  }
  return "";
}

std::string StatesText(const std::vector<JobDescription::State>& states) {
  std::vector<std::string> parts;
  for (const JobDescription::State& state : states) {
    parts.push_back(fmt::format("'{}' ({})", state.name, state.schema));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

JobDescription DescribePlan(const PhysicalPlan& plan, const std::string& job_name,
                            const std::string& job_id, const JobOrigin& origin) {
  JobDescription description;
  description.job_name = job_name;
  description.plan_fingerprint = fmt::format("{}{}\n", kJobLine, job_id);
  if (!origin.file.empty()) {
    std::string file = origin.file;
    std::replace(file.begin(), file.end(), '\n', ' ');
    description.plan_fingerprint += fmt::format("{}{}\n", kFileLine, file);
  }
  if (!origin.run.empty()) {
    description.plan_fingerprint += fmt::format("{}{}\n", kRunLine, origin.run);
  }
  for (const PhysicalNode& node : plan.nodes) {
    description.operators.push_back({node.operator_id, node.name, {}});
    std::string definition = DefinitionOf(node);
    std::replace(definition.begin(), definition.end(), '\n', ' ');
    description.plan_fingerprint += node.operator_id + "\t" + definition + "\n";
    const std::string connector = ConnectorOf(node);
    if (!connector.empty()) {
      description.plan_fingerprint +=
          fmt::format("{}{}\t{}\n", kSinkLine, node.operator_id, connector);
    }
    const std::string place = PlaceOf(node);
    if (!place.empty()) {
      description.plan_fingerprint +=
          fmt::format("{}{}\t{}\n", kSourceLine, node.operator_id, place);
    }
  }
  return description;
}

JobOrigin OriginOf(const JobDescription& description) {
  JobOrigin origin;
  std::string_view text = description.plan_fingerprint;
  // Behind the job's line.
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(kFileLine)) {
      origin.file = line.substr(kFileLine.size());
    } else if (line.starts_with(kRunLine)) {
      origin.run = line.substr(kRunLine.size());
    } else {
      break;
    }
  }
  return origin;
}

std::set<std::string> SinksOf(const JobDescription& description) {
  std::set<std::string> sinks;
  const std::map<std::string, std::string> definitions = LinesOf(description, "");
  for (const auto& [id, connector] : SinkConnectorsOf(description)) {
    const auto found = definitions.find(id);
    if (connector == kSideLogConnector || found == definitions.end()) continue;
    if (!found->second.starts_with(kWrites)) continue;
    sinks.insert(found->second.substr(kWrites.size()));
  }
  return sinks;
}

std::string JobIdOf(const JobDescription& description) {
  const std::string_view text = description.plan_fingerprint;
  if (!text.starts_with(kJobLine)) return "";
  const size_t end = std::min(text.find('\n'), text.size());
  return std::string(text.substr(kJobLine.size(), end - kJobLine.size()));
}

std::map<std::string, std::string> SinkConnectorsOf(const JobDescription& description) {
  return LinesOf(description, kSinkLine);
}

PlanDifference ComparePlans(const JobDescription& stored, const JobDescription& wanted,
                            const PhysicalPlan& plan, const OperatorTrial& trial) {
  const std::map<std::string, std::string> was = LinesOf(stored, "");
  const std::map<std::string, std::string> is = LinesOf(wanted, "");
  const std::map<std::string, std::string> connectors = SinkConnectorsOf(stored);
  const std::map<std::string, std::string> places = LinesOf(stored, kSourceLine);
  const auto text = [](const std::map<std::string, std::string>& from, const std::string& id) {
    const auto found = from.find(id);
    return found == from.end() ? std::string() : found->second;
  };
  std::map<std::string, const PhysicalNode*> nodes;
  for (const PhysicalNode& node : plan.nodes) nodes[node.operator_id] = &node;
  PlanDifference difference;
  std::set<std::string> known;
  for (const JobDescription::OperatorEntry& entry : stored.operators) {
    known.insert(entry.id);
    const auto found = nodes.find(entry.id);
    if (found == nodes.end()) {
      if (Matters(entry)) {
        difference.dropped.push_back({entry.id, text(was, entry.id), "", entry.states, ""});
      }
      continue;
    }
    const PhysicalNode& node = *found->second;
    PlanDifference::Entry compared{entry.id, text(was, entry.id), text(is, entry.id), {}, ""};
    const bool same = compared.was == compared.is;
    if (IsEdge(node) || !IsKeyed(entry.states)) {
      if (!entry.states.empty()) {
        compared.reason =
            WhyElsewhere(node, text(connectors, entry.id), text(places, entry.id), &compared);
      }
      if (compared.reason.empty()) {
        if (!same) difference.renewed.push_back(std::move(compared));
        ++difference.kept_count;
        continue;
      }
    } else {
      const Status fits = TryStates(node, entry.states, trial);
      if (same && fits.ok()) {
        ++difference.kept_count;
        continue;
      }
      compared.reason = fits.ok() ? "defined differently" : fits.message();
    }
    compared.states = entry.states;
    difference.changed.push_back(std::move(compared));
  }
  for (const PhysicalNode& node : plan.nodes) {
    if (known.contains(node.operator_id)) continue;
    difference.added.push_back({node.operator_id, "", text(is, node.operator_id), {}, ""});
  }
  return difference;
}

std::string PlanDifference::Print() const {
  std::string text = fmt::format("  kept     {} operators\n", kept_count);
  for (const Entry& entry : changed) {
    text += fmt::format("  changed  {}: {}; its state is {}\n", entry.id, entry.reason,
                        StatesText(entry.states));
    text += fmt::format("           was {}\n           is  {}\n", entry.was, entry.is);
  }
  for (const Entry& entry : dropped) {
    text += fmt::format("  dropped  {} {}; its state was {}\n", entry.id, entry.was,
                        StatesText(entry.states));
  }
  for (const Entry& entry : renewed) {
    text += fmt::format("  edited   {} (no keyed state)\n           was {}\n           is  {}\n",
                        entry.id, entry.was, entry.is);
  }
  for (const Entry& entry : added) {
    text += fmt::format("  new      {} {}\n", entry.id, entry.is);
  }
  return text;
}

}  // namespace rhei

#include "engine/secrets.h"

#include <cstdlib>

#include <fmt/format.h>

#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"

namespace rhei {

Result<std::string> ResolveSecret(const std::string& text, const Environment& env) {
  std::string out;
  size_t from = 0;
  while (true) {
    const size_t start = text.find("${", from);
    const size_t end = start == std::string::npos ? start : text.find('}', start);
    if (end == std::string::npos) return out + text.substr(from);
    out += text.substr(from, start - from);
    const std::string inside = text.substr(start + 2, end - start - 2);
    if (inside.starts_with("env:")) {
      const char* value = std::getenv(inside.substr(4).c_str());
      if (value == nullptr) {
        return InvalidArgument(
            fmt::format("environment variable '{}' is not set", inside.substr(4)));
      }
      out += value;
    } else if (inside.starts_with("file:")) {
      ASSIGN_OR_RETURN(std::string value, ReadFile(*env.files, inside.substr(5), 1 << 20));
      while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
      out += value;
    } else {
      out += text.substr(start, end + 1 - start);  // Not ours.
    }
    from = end + 1;
  }
}

namespace {

bool HasSecret(const Options& options) {
  for (const auto& [key, value] : options) {
    if (value.find("${env:") != std::string::npos || value.find("${file:") != std::string::npos) {
      return true;
    }
  }
  return false;
}

Status FillIn(const std::string& table, const Environment& env, Options* options) {
  for (auto& [key, value] : *options) {
    Result<std::string> filled = ResolveSecret(value, env);
    if (!filled.ok()) {
      return std::move(filled).status().WithContext(
          fmt::format("table {}, option '{}'", table, key));
    }
    value = std::move(filled).value();
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const PhysicalPlan>> ResolveSecrets(
    const std::shared_ptr<const PhysicalPlan>& plan, const Environment& env) {
  std::shared_ptr<PhysicalPlan> filled;
  for (size_t i = 0; i < plan->nodes.size(); ++i) {
    const OperatorSpec& spec = *plan->nodes[i].spec;
    if (spec.kind == OperatorKind::kSource) {
      const auto& source = static_cast<const SourceSpec&>(spec);
      if (!HasSecret(source.options)) continue;
      auto copy = std::make_shared<SourceSpec>(source);
      RETURN_IF_ERROR(FillIn(copy->table, env, &copy->options));
      if (filled == nullptr) filled = std::make_shared<PhysicalPlan>(*plan);
      filled->nodes[i].spec = copy;
    } else if (spec.kind == OperatorKind::kSink) {
      const auto& sink = static_cast<const SinkSpec&>(spec);
      if (!HasSecret(sink.options)) continue;
      auto copy = std::make_shared<SinkSpec>(sink);
      RETURN_IF_ERROR(FillIn(copy->table, env, &copy->options));
      if (filled == nullptr) filled = std::make_shared<PhysicalPlan>(*plan);
      filled->nodes[i].spec = copy;
    }
  }
  if (filled == nullptr) return plan;
  return std::shared_ptr<const PhysicalPlan>(std::move(filled));
}

}  // namespace rhei

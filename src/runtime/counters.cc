#include "runtime/counters.h"

#include <fmt/format.h>

namespace rhei {
namespace {

int64_t Sum(const std::vector<std::unique_ptr<Counter>>& counters,
            const std::vector<std::string>& names, std::string* text) {
  int64_t sum = 0;
  for (const std::string& name : names) {
    for (const auto& counter : counters) {
      if (counter->name() != name) continue;
      sum += counter->value();
      *text += fmt::format("{}{} {}", text->empty() ? "" : " + ", name, counter->value());
    }
  }
  return sum;
}

}  // namespace

Counter* Counters::Get(std::string_view name) {
  for (const auto& counter : counters_) {
    if (counter->name() == name) return counter.get();
  }
  counters_.push_back(std::make_unique<Counter>(name));
  return counters_.back().get();
}

void Counters::DeclareEquation(std::vector<std::string> left, std::vector<std::string> right) {
  // A name that nobody has asked for yet still takes part, as 0.
  for (const std::string& name : left) Get(name);
  for (const std::string& name : right) Get(name);
  equations_.push_back({std::move(left), std::move(right)});
}

Status Counters::Check(std::string_view operator_name) const {
  for (const Equation& equation : equations_) {
    std::string left, right;
    if (Sum(counters_, equation.left, &left) == Sum(counters_, equation.right, &right)) continue;
    return DataError(fmt::format("{}: rows are unaccounted for: {} is not {}", operator_name,
                                 left.empty() ? "0" : left, right.empty() ? "0" : right));
  }
  return {};
}

std::vector<Counters::Reading> Counters::Read() const {
  std::vector<Reading> readings;
  readings.reserve(counters_.size());
  for (const auto& counter : counters_) readings.push_back({counter->name(), counter->value()});
  return readings;
}

}  // namespace rhei

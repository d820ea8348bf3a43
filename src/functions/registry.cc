#include "functions/registry.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "base/nearest_name.h"
#include "functions/builtin.h"

namespace rhei {
namespace {

std::string UpperCase(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

template <typename Def>
class Index {
 public:
  explicit Index(std::span<const std::span<const Def>> tables) {
    for (std::span<const Def> table : tables) {
      for (const Def& def : table) {
        const bool added = by_name_.emplace(def.name, &def).second;
        CHECK(added);  // Two functions of one name: a mistake in the tables.
        all_.push_back(&def);
      }
    }
    std::sort(all_.begin(), all_.end(),
              [](const Def* a, const Def* b) { return a->name < b->name; });
  }
  const Def* Find(std::string_view name) const {
    const auto found = by_name_.find(UpperCase(name));
    return found == by_name_.end() ? nullptr : found->second;
  }
  const std::vector<const Def*>& all() const { return all_; }

 private:
  std::unordered_map<std::string, const Def*> by_name_;
  std::vector<const Def*> all_;
};

const Index<FunctionDef>& Functions() {
  static const Index<FunctionDef> index(BuiltinFunctionTables());
  return index;
}

const Index<AggregateDef>& Aggregates() {
  static const Index<AggregateDef> index(BuiltinAggregateTables());
  return index;
}

}  // namespace

const FunctionDef* FindFunction(std::string_view name) {
  return Functions().Find(name);
}

const AggregateDef* FindAggregate(std::string_view name) {
  return Aggregates().Find(name);
}

std::vector<const FunctionDef*> AllFunctions() {
  return Functions().all();
}

std::vector<const AggregateDef*> AllAggregates() {
  return Aggregates().all();
}

std::string NearestFunction(std::string_view name) {
  std::vector<std::string_view> words;
  const auto consider = [&](std::string_view candidate) {
    const bool is_word = !candidate.empty() && candidate[0] >= 'A' && candidate[0] <= 'Z' &&
                         candidate.find(' ') == std::string_view::npos;
    if (is_word) words.push_back(candidate);
  };
  for (const FunctionDef* def : Functions().all()) consider(def->name);
  for (const AggregateDef* def : Aggregates().all()) consider(def->name);
  return NearestName(name, words);
}

}  // namespace rhei

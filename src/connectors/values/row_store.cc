#include "connectors/values/row_store.h"

#include <algorithm>
#include <optional>

namespace rhei {
namespace {

uint64_t NextRandom(uint64_t* state) {
  uint64_t x = *state += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

bool IsLater(const Value& a, const Value& b) {
  return a.is_int() ? a.int_value() > b.int_value() : b.time9_value() < a.time9_value();
}

bool SameKey(const ScriptElement& a, const ScriptElement& b, const std::vector<int>& key) {
  return std::all_of(key.begin(), key.end(), [&](int column) {
    const auto at = static_cast<size_t>(column);
    return a.values[at] == b.values[at];
  });
}

// Shuffles the elements of [begin, end), none of which moves time.
void ShuffleSegment(const std::vector<int>& key, uint64_t* state,
                    std::vector<ScriptElement>* elements, size_t begin, size_t end) {
  std::vector<ScriptElement> rows(elements->begin() + static_cast<ptrdiff_t>(begin),
                                  elements->begin() + static_cast<ptrdiff_t>(end));
  std::vector<size_t> order(rows.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[NextRandom(state) % i]);
  // Within one key the places stay, and the rows take them in their old order.
  for (size_t i = 0; i < order.size() && !key.empty(); ++i) {
    size_t first = i;
    for (size_t j = i + 1; j < order.size(); ++j) {
      if (SameKey(rows[order[i]], rows[order[j]], key) && order[j] < order[first]) first = j;
    }
    std::swap(order[i], order[first]);
  }
  for (size_t i = 0; i < order.size(); ++i) (*elements)[begin + i] = std::move(rows[order[i]]);
}

}  // namespace

void ShuffleRows(const ShuffleRule& rule, std::vector<ScriptElement>* elements) {
  if (rule.seed == 0 || rule.fixed) return;
  uint64_t state = rule.seed;
  size_t begin = 0;
  std::optional<Value> highest;
  for (size_t i = 0; i <= elements->size(); ++i) {
    bool moves_time = i == elements->size() || (*elements)[i].is_watermark;
    if (!moves_time && i > 0 && (*elements)[i].clock_micros != (*elements)[i - 1].clock_micros) {
      ShuffleSegment(rule.key, &state, elements, begin, i);
      begin = i;
    }
    if (!moves_time && rule.rowtime_column >= 0) {
      const Value& time = (*elements)[i].values[static_cast<size_t>(rule.rowtime_column)];
      if (time.is_null()) return;
      moves_time = !highest || IsLater(time, *highest);
      if (moves_time) highest = time;
    }
    if (!moves_time) continue;
    ShuffleSegment(rule.key, &state, elements, begin, i);
    begin = i + 1;
  }
}

std::string RowStore::Stage(const std::string& table, std::vector<ReceivedRow> rows) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string token = std::to_string(++next_token_);
  staged_[token] = {table, std::move(rows)};
  return token;
}

void RowStore::Commit(const std::string& token) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = staged_.find(token);
  if (found == staged_.end()) return;
  std::vector<ReceivedRow>& received = received_[found->second.table];
  for (ReceivedRow& row : found->second.rows) received.push_back(std::move(row));
  staged_.erase(found);
}

bool RowStore::IsStaged(const std::string& token) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return staged_.contains(token);
}

void RowStore::CountWritten(const std::string& table, int64_t rows) {
  const std::lock_guard<std::mutex> lock(mutex_);
  written_[table] += rows;
}

int64_t RowStore::Written(const std::string& table) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = written_.find(table);
  return found == written_.end() ? 0 : found->second;
}

std::vector<ReceivedRow> RowStore::Received(const std::string& table) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = received_.find(table);
  return found == received_.end() ? std::vector<ReceivedRow>() : found->second;
}

std::vector<std::string> RowStore::ReceivingTables() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, rows] : received_) names.push_back(name);
  return names;
}

void RowStore::ClearReceived() {
  const std::lock_guard<std::mutex> lock(mutex_);
  received_.clear();
}

void RowStore::ClearReceived(const std::string& table) {
  const std::lock_guard<std::mutex> lock(mutex_);
  received_.erase(table);
}

void RowStore::ReportPosition(const void* reader, bool paused) {
  const std::lock_guard lock(mutex_);
  readers_[reader] = paused;
}

void RowStore::ForgetReader(const void* reader) {
  const std::lock_guard lock(mutex_);
  readers_.erase(reader);
}

bool RowStore::AllPaused() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [reader, paused] : readers_) {
    if (!paused) return false;
  }
  return true;
}

}  // namespace rhei

#include "connectors/values/row_store.h"

namespace rhei {

void RowStore::Receive(const std::string& table, ReceivedRow row) {
  const std::lock_guard<std::mutex> lock(mutex_);
  received_[table].push_back(std::move(row));
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

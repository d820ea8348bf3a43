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

}  // namespace rhei

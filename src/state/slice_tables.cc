// A section holds, per slice, the slice's number and the rows of the key group.
#include "state/slice_tables.h"

namespace rhei {

StateTable* SliceTables::Find(int64_t slice) {
  const auto found = tables_.find(slice);
  return found == tables_.end() ? nullptr : found->second.get();
}

StateTable* SliceTables::FindOrMake(int64_t slice) {
  std::unique_ptr<StateTable>& table = tables_[slice];
  if (table == nullptr) {
    table = std::make_unique<StateTable>(spec_, pool_);
    table->SetEpoch(epoch_);
  }
  return table.get();
}

bool SliceTables::FirstFrom(int64_t from, int64_t* slice) const {
  const auto found = tables_.lower_bound(from);
  if (found == tables_.end()) return false;
  *slice = found->first;
  return true;
}

uint64_t SliceTables::row_count() const {
  uint64_t out = 0;
  for (const auto& [slice, table] : tables_) out += table->row_count();
  return out;
}

int64_t SliceTables::bytes() const {
  int64_t out = 0;
  for (const auto& [slice, table] : tables_) out += table->bytes();
  return out;
}

void SliceTables::SetEpoch(uint32_t epoch) {
  epoch_ = epoch;
  for (const auto& [slice, table] : tables_) table->SetEpoch(epoch);
}

void SliceTables::Save(std::span<std::string> out) {
  for (const auto& [slice, table] : tables_) {
    std::vector<std::string> groups(out.size());
    table->Save(groups);
    for (size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].empty()) continue;
      WriteFixed(slice, &out[g]);
      WriteBytes(groups[g], &out[g]);
    }
  }
}

Status SliceTables::Load(std::span<const std::string_view> images) {
  std::map<int64_t, std::vector<std::string_view>> by_slice;
  for (const std::string_view image : images) {
    ByteReader reader(image);
    while (!reader.at_end()) {
      const auto slice = reader.ReadFixed<int64_t>();
      const std::string_view rows = reader.ReadBytes();
      if (reader.ok()) by_slice[slice].push_back(rows);
    }
    if (!reader.ok()) return {ErrorCode::kStateMismatch, spec_.name + ": a section is cut short"};
  }
  for (const auto& [slice, rows] : by_slice) RETURN_IF_ERROR(FindOrMake(slice)->Load(rows));
  return {};
}

}  // namespace rhei

#include "functions/counted_values.h"

#include <algorithm>

#include "columnar/hash.h"
#include "functions/agg_value.h"

namespace rhei {
namespace {
constexpr size_t kFirstPlaces = 8;
constexpr size_t kFirstBlockBytes = 256;
constexpr size_t kLargestBlockBytes = size_t{64} << 10;
}  // namespace

size_t CountedValues::Find(std::string_view value) const {
  const size_t mask = index_.size() - 1;
  size_t place = HashBytes(value.data(), value.size()) & mask;
  const StringView wanted(value);
  while (index_[place] != 0 && !(entries_[index_[place] - 1].value == wanted)) {
    place = (place + 1) & mask;
  }
  return place;
}

int64_t CountedValues::CountOf(std::string_view value) const {
  if (index_.empty()) return 0;
  const size_t place = Find(value);
  return index_[place] == 0 ? 0 : entries_[index_[place] - 1].count;
}

int64_t CountedValues::Add(std::string_view value, int64_t delta) {
  if (index_.empty()) index_.resize(kFirstPlaces);
  size_t place = Find(value);
  if (index_[place] == 0) {
    if ((entries_.size() + 1) * 2 > index_.size()) {
      Rebuild(live_values() * 4 > index_.size() ? index_.size() * 2 : index_.size());
      place = Find(value);
    }
    entries_.push_back({Own(value), 0});
    ++dead_;
    index_[place] = static_cast<uint32_t>(entries_.size());
  }
  Entry& entry = entries_[index_[place] - 1];
  const int64_t before = entry.count;
  entry.count += delta;
  dead_ += static_cast<size_t>(entry.count == 0) - static_cast<size_t>(before == 0);
  return entry.count;
}

// Makes the index `places` large and drops the entries whose count is 0.
void CountedValues::Rebuild(size_t places) {
  std::vector<Entry> old = std::move(entries_);
  const std::vector<std::unique_ptr<char[]>> old_blocks = std::move(blocks_);
  entries_.clear();
  entries_.reserve(places / 2);
  blocks_.clear();
  block_used_ = block_size_ = block_bytes_ = 0;
  index_.assign(places, 0);
  for (const Entry& entry : old) {
    if (entry.count == 0) continue;
    const size_t place = Find(entry.value.view());
    entries_.push_back({Own(entry.value.view()), entry.count});
    index_[place] = static_cast<uint32_t>(entries_.size());
  }
  dead_ = 0;
}

StringView CountedValues::Own(std::string_view value) {
  if (value.size() <= StringView::kInlineMax) return StringView(value);
  if (block_used_ + value.size() > block_size_) {
    const size_t grown = std::clamp(block_bytes_, kFirstBlockBytes, kLargestBlockBytes);
    block_size_ = std::max(grown, value.size());
    blocks_.push_back(std::make_unique<char[]>(block_size_));
    block_bytes_ += block_size_;
    block_used_ = 0;
  }
  char* bytes = blocks_.back().get() + block_used_;
  std::copy(value.begin(), value.end(), bytes);
  block_used_ += value.size();
  return StringView(std::string_view(bytes, value.size()));
}

void CountedValues::Merge(const CountedValues& other) {
  other.ForEach([this](std::string_view value, int64_t count) { Add(value, count); });
}

int64_t CountedValues::bytes() const {
  return static_cast<int64_t>(entries_.capacity() * sizeof(Entry) +
                              index_.capacity() * sizeof(uint32_t) + block_bytes_);
}

void CountedValues::Save(std::string* out) const {
  PutUint64(live_values(), out);
  ForEach([out](std::string_view value, int64_t count) {
    PutUint64(static_cast<uint64_t>(count), out);
    PutBytes(value, out);
  });
}

Status CountedValues::Load(std::string_view bytes) {
  *this = CountedValues();
  SavedBytes saved(bytes);
  uint64_t left = saved.Uint64();
  for (; left > 0 && saved.ok(); --left) {
    const auto count = static_cast<int64_t>(saved.Uint64());
    const std::string_view value = saved.Bytes();
    if (saved.ok()) Add(value, count);
  }
  return saved.Finish();
}

}  // namespace rhei

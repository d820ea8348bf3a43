#include "functions/agg_arrival.h"

#include "functions/agg_value.h"

namespace rhei {
namespace {
// What a node of either container costs beyond the value's bytes, roughly.
constexpr int64_t kNodeBytes = 64;
}  // namespace

void ArrivalList::Add(std::string_view value) {
  auto found = places_.find(value);
  if (found == places_.end()) {
    found = places_.emplace(std::string(value), Places()).first;
    bytes_ += kNodeBytes + static_cast<int64_t>(value.size());
  }
  Places& places = found->second;
  if (places.owed > 0) {
    --places.owed;
    if (places.owed == 0 && places.orders.empty()) {
      bytes_ -= kNodeBytes + static_cast<int64_t>(value.size());
      places_.erase(found);
    }
    return;
  }
  places.orders.push_back(next_order_);
  by_order_.emplace_hint(by_order_.end(), next_order_, &found->first);
  ++next_order_;
  bytes_ += kNodeBytes;
}

void ArrivalList::Retract(std::string_view value) {
  auto found = places_.find(value);
  if (found == places_.end()) {
    found = places_.emplace(std::string(value), Places()).first;
    bytes_ += kNodeBytes + static_cast<int64_t>(value.size());
  }
  Places& places = found->second;
  if (places.orders.empty()) {
    ++places.owed;
    return;
  }
  by_order_.erase(places.orders.front());
  places.orders.erase(places.orders.begin());
  bytes_ -= kNodeBytes;
  if (places.orders.empty()) {
    bytes_ -= kNodeBytes + static_cast<int64_t>(value.size());
    places_.erase(found);
  }
}

void ArrivalList::Merge(const ArrivalList& later) {
  later.ForEach([this](std::string_view value) { Add(value); });
  for (const auto& [value, places] : later.places_) {
    for (int64_t i = 0; i < places.owed; ++i) Retract(value);
  }
}

void ArrivalList::Save(std::string* out) const {
  PutUint64(by_order_.size(), out);
  ForEach([out](std::string_view value) { PutBytes(value, out); });
  for (const auto& [value, places] : places_) {
    if (places.owed == 0) continue;
    PutUint64(static_cast<uint64_t>(places.owed), out);
    PutBytes(value, out);
  }
}

Status ArrivalList::Load(std::string_view bytes) {
  places_.clear();
  by_order_.clear();
  next_order_ = 0;
  bytes_ = 0;
  SavedBytes saved(bytes);
  for (uint64_t left = saved.Uint64(); left > 0 && saved.ok(); --left) {
    const std::string_view value = saved.Bytes();
    if (saved.ok()) Add(value);
  }
  while (saved.ok() && !saved.at_end()) {
    const uint64_t owed = saved.Uint64();
    const std::string_view value = saved.Bytes();
    for (uint64_t i = 0; saved.ok() && i < owed; ++i) Retract(value);
  }
  return saved.Finish();
}

}  // namespace rhei

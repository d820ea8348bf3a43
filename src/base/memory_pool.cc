#include "base/memory_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"

namespace rhei {

struct MemoryPool::Children {
  std::mutex mutex;
  std::vector<MemoryPool*> pools;
};

namespace {

std::string PrintBytes(int64_t bytes) {
  if (bytes >= 10 << 20) return fmt::format("{} MB", bytes >> 20);
  if (bytes >= 10 << 10) return fmt::format("{} kB", bytes >> 10);
  return fmt::format("{} B", bytes);
}

void RaiseTo(std::atomic<int64_t>* peak, int64_t value) {
  int64_t seen = peak->load(std::memory_order_relaxed);
  while (seen < value && !peak->compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

MemoryPool::MemoryPool(std::string_view name, int64_t limit_bytes, MemoryPool* parent)
    : name_(name), limit_(limit_bytes), parent_(parent), children_(std::make_unique<Children>()) {
  if (parent_ == nullptr) return;
  std::lock_guard lock(parent_->children_->mutex);
  parent_->children_->pools.push_back(this);
}

MemoryPool::~MemoryPool() {
  CHECK(children_->pools.empty());
  if (parent_ == nullptr) return;
  const int64_t left = used_.load(std::memory_order_relaxed);
  if (left != 0) parent_->Release(left);
  std::lock_guard lock(parent_->children_->mutex);
  std::erase(parent_->children_->pools, this);
}

bool MemoryPool::Reserve(int64_t bytes) {
  for (MemoryPool* pool = this; pool != nullptr; pool = pool->parent_) {
    const int64_t used = pool->used_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (used > pool->limit_) {
      for (MemoryPool* undo = this;; undo = undo->parent_) {
        undo->used_.fetch_sub(bytes, std::memory_order_relaxed);
        if (undo == pool) return false;
      }
    }
  }
  for (MemoryPool* pool = this; pool != nullptr; pool = pool->parent_) {
    RaiseTo(&pool->peak_, pool->used_bytes());
  }
  return true;
}

void MemoryPool::Charge(int64_t bytes) {
  for (MemoryPool* pool = this; pool != nullptr; pool = pool->parent_) {
    RaiseTo(&pool->peak_, pool->used_.fetch_add(bytes, std::memory_order_relaxed) + bytes);
  }
}

void MemoryPool::Release(int64_t bytes) {
  for (MemoryPool* pool = this; pool != nullptr; pool = pool->parent_) {
    pool->used_.fetch_sub(bytes, std::memory_order_relaxed);
  }
}

bool MemoryPool::over_limit() const {
  for (const MemoryPool* pool = this; pool != nullptr; pool = pool->parent_) {
    if (pool->used_bytes() > pool->limit_) return true;
  }
  return false;
}

std::string MemoryPool::Describe() const {
  std::string text = fmt::format("{} {}", name_, PrintBytes(used_bytes()));
  std::lock_guard lock(children_->mutex);
  if (children_->pools.empty()) return text;
  std::vector<MemoryPool*> pools = children_->pools;
  std::sort(pools.begin(), pools.end(), [](const MemoryPool* a, const MemoryPool* b) {
    return a->used_bytes() > b->used_bytes();
  });
  // Those who hold little only hide those who hold much.
  constexpr size_t kShownMax = 8;
  if (pools.size() == 1) return text + ": " + pools[0]->Describe();
  text += ": [";
  for (size_t i = 0; i < pools.size() && i < kShownMax; ++i) {
    if (i > 0) text += ", ";
    text += pools[i]->Describe();
  }
  if (pools.size() > kShownMax) text += fmt::format(", {} more", pools.size() - kShownMax);
  return text + "]";
}

}  // namespace rhei

#include "runtime/channel.h"

#include <utility>

#include "base/check.h"

namespace rhei {

Channel::Channel(int capacity, Wakeable* producer, Wakeable* consumer)
    : slots_(static_cast<size_t>(capacity)), producer_(producer), consumer_(consumer) {
  CHECK(capacity >= 1);
}

bool Channel::HasRoom() {
  const uint64_t pushed = pushed_.load(std::memory_order_relaxed);
  if (pushed - popped_.load(std::memory_order_acquire) < slots_.size()) return true;
  // The flag goes up before the second look, and the consumer looks at the flag after its pop, both
  // in the one order of seq_cst: a pop that is missed here finds the flag up.
  producer_waits_.store(true);
  if (pushed - popped_.load() < slots_.size()) {
    producer_waits_.store(false);
    return true;
  }
  return false;
}

void Channel::Push(ChannelElement element) {
  const uint64_t pushed = pushed_.load(std::memory_order_relaxed);
  DCHECK(pushed - popped_.load(std::memory_order_relaxed) < slots_.size());
  slots_[pushed % slots_.size()] = std::move(element);
  pushed_.store(pushed + 1, std::memory_order_release);
  if (consumer_ != nullptr) consumer_->Wake();
}

const ChannelElement* Channel::Front() const {
  const uint64_t popped = popped_.load(std::memory_order_relaxed);
  if (pushed_.load(std::memory_order_acquire) == popped) return nullptr;
  return &slots_[popped % slots_.size()];
}

ChannelElement Channel::Pop() {
  const uint64_t popped = popped_.load(std::memory_order_relaxed);
  ChannelElement element = std::move(slots_[popped % slots_.size()]);
  slots_[popped % slots_.size()] = {};  // gives the buffers back now, not a round later
  popped_.store(popped + 1);
  if (producer_waits_.load() && producer_waits_.exchange(false) && producer_ != nullptr) {
    producer_->Wake();
  }
  return element;
}

bool Channel::full() const {
  return pushed_.load(std::memory_order_acquire) - popped_.load(std::memory_order_relaxed) ==
         slots_.size();
}

void Channel::CloseEarly() {
  closed_early_.store(true, std::memory_order_release);
  if (producer_ != nullptr) producer_->Wake();
}

}  // namespace rhei

#include "types/bitmap.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

namespace rhei {
namespace {

constexpr size_t kWords = 1024;
constexpr size_t kArrayMax = 4096;
constexpr uint32_t kCookieWithRuns = 12347;
constexpr uint32_t kCookieWithoutRuns = 12346;
constexpr size_t kOffsetsFrom = 4;  // containers, when there are runs
constexpr size_t kTextMax = 0x80000;

template <typename T>
void Put(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <typename T>
  bool Read(T* value) {
    if (rest_.size() < sizeof(T)) return false;
    std::memcpy(value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return true;
  }
  bool Skip(size_t bytes) {
    if (rest_.size() < bytes) return false;
    rest_.remove_prefix(bytes);
    return true;
  }

 private:
  std::string_view rest_;
};

void SetBit(std::vector<uint64_t>* words, uint32_t bit) {
  (*words)[bit >> 6] |= uint64_t{1} << (bit & 63);
}

bool TestBit(const std::vector<uint64_t>& words, uint32_t bit) {
  return (words[bit >> 6] >> (bit & 63) & 1) != 0;
}

// Runs of the set bits as (start, length - 1).
std::vector<std::pair<uint16_t, uint16_t>> RunsOf(const std::vector<uint64_t>& words) {
  std::vector<std::pair<uint16_t, uint16_t>> runs;
  for (uint32_t bit = 0; bit < kWords * 64; ++bit) {
    if (words[bit >> 6] == 0) {
      bit |= 63;
      continue;
    }
    if (((words[bit >> 6] >> (bit & 63)) & 1) == 0) continue;
    const bool follows = !runs.empty() && runs.back().first + runs.back().second + 1u == bit;
    if (follows) {
      ++runs.back().second;
    } else {
      runs.emplace_back(static_cast<uint16_t>(bit), uint16_t{0});
    }
  }
  return runs;
}

}  // namespace

size_t Bitmap::Container::cardinality() const {
  size_t count = array.size();
  for (uint64_t word : words) count += static_cast<size_t>(std::popcount(word));
  return count;
}

void Bitmap::Container::Spread(std::vector<uint64_t>* out) const {
  if (!words.empty()) {
    *out = words;
    return;
  }
  out->assign(kWords, 0);
  for (uint16_t low : array) SetBit(out, low);
}

Bitmap::Container Bitmap::FromWords(uint16_t key, std::vector<uint64_t> words) {
  Container container;
  container.key = key;
  container.words = std::move(words);
  if (container.cardinality() > kArrayMax) return container;
  for (size_t word = 0; word < kWords; ++word) {
    for (uint64_t bits = container.words[word]; bits != 0; bits &= bits - 1) {
      container.array.push_back(
          static_cast<uint16_t>(word * 64 + static_cast<size_t>(std::countr_zero(bits))));
    }
  }
  container.words.clear();
  return container;
}

bool Bitmap::Add(uint32_t number) {
  const auto key = static_cast<uint16_t>(number >> 16);
  const auto low = static_cast<uint16_t>(number);
  auto place = containers_.end();
  if (!containers_.empty() && containers_.back().key == key) {
    --place;
  } else {
    place = std::lower_bound(containers_.begin(), containers_.end(), key,
                             [](const Container& c, uint16_t k) { return c.key < k; });
    if (place == containers_.end() || place->key != key) {
      place = containers_.insert(place, Container());
      place->key = key;
    }
  }
  Container& container = *place;
  if (!container.words.empty()) {
    const bool is_new = !TestBit(container.words, low);
    SetBit(&container.words, low);
    return is_new;
  }
  std::vector<uint16_t>& array = container.array;
  const auto at = !array.empty() && array.back() < low
                      ? array.end()
                      : std::lower_bound(array.begin(), array.end(), low);
  if (at != array.end() && *at == low) return false;
  array.insert(at, low);
  if (array.size() > kArrayMax) {
    std::vector<uint64_t> words;
    container.Spread(&words);
    container.words = std::move(words);
    array.clear();
  }
  return true;
}

int64_t Bitmap::cardinality() const {
  size_t count = 0;
  for (const Container& container : containers_) count += container.cardinality();
  return static_cast<int64_t>(count);
}

Bitmap Bitmap::Combine(const Bitmap& a, const Bitmap& b, Operation operation) {
  Bitmap result;
  std::vector<uint64_t> left;
  std::vector<uint64_t> right;
  size_t i = 0;
  size_t j = 0;
  while (i < a.containers_.size() || j < b.containers_.size()) {
    const bool has_a = i < a.containers_.size() &&
                       (j == b.containers_.size() || a.containers_[i].key <= b.containers_[j].key);
    const bool has_b = j < b.containers_.size() &&
                       (i == a.containers_.size() || b.containers_[j].key <= a.containers_[i].key);
    const uint16_t key = has_a ? a.containers_[i].key : b.containers_[j].key;
    left.assign(kWords, 0);
    right.assign(kWords, 0);
    if (has_a) a.containers_[i++].Spread(&left);
    if (has_b) b.containers_[j++].Spread(&right);
    for (size_t word = 0; word < kWords; ++word) {
      switch (operation) {
        case Operation::kAnd: left[word] &= right[word]; break;
        case Operation::kOr: left[word] |= right[word]; break;
        case Operation::kXor: left[word] ^= right[word]; break;
        case Operation::kAndNot: left[word] &= ~right[word]; break;
      }
    }
    Container container = FromWords(key, std::move(left));
    left = {};
    if (!container.array.empty() || !container.words.empty()) {
      result.containers_.push_back(std::move(container));
    }
  }
  return result;
}

std::string Bitmap::Serialize() const {
  const size_t count = containers_.size();
  std::vector<std::string> bodies(count);
  std::string run_flags((count + 7) / 8, '\0');
  bool has_runs = false;
  std::vector<uint64_t> words;
  for (size_t i = 0; i < count; ++i) {
    const Container& container = containers_[i];
    container.Spread(&words);
    const auto runs = RunsOf(words);
    const size_t plain = container.words.empty() ? container.array.size() * 2 + 2 : kWords * 8;
    if (plain > 2 + 4 * runs.size()) {
      has_runs = true;
      run_flags[i / 8] = static_cast<char>(run_flags[i / 8] | (1 << (i % 8)));
      Put(static_cast<uint16_t>(runs.size()), &bodies[i]);
      for (const auto& [start, length] : runs) {
        Put(start, &bodies[i]);
        Put(length, &bodies[i]);
      }
    } else {
      for (uint16_t low : container.array) Put(low, &bodies[i]);
      for (uint64_t word : container.words) Put(word, &bodies[i]);
    }
  }
  std::string out;
  if (has_runs) {
    Put(static_cast<uint32_t>(kCookieWithRuns | ((count - 1) << 16)), &out);
    out += run_flags;
  } else {
    Put(kCookieWithoutRuns, &out);
    Put(static_cast<uint32_t>(count), &out);
  }
  for (const Container& container : containers_) {
    Put(container.key, &out);
    Put(static_cast<uint16_t>(container.cardinality() - 1), &out);
  }
  if (!has_runs || count >= kOffsetsFrom) {
    size_t offset = out.size() + 4 * count;
    for (const std::string& body : bodies) {
      Put(static_cast<uint32_t>(offset), &out);
      offset += body.size();
    }
  }
  for (const std::string& body : bodies) out += body;
  return out;
}

Result<Bitmap> Bitmap::Parse(std::string_view bytes) {
  const Status damaged = DataError("the bytes are not a serialized 32-bit RoaringBitmap");
  Reader reader(bytes);
  uint32_t cookie;
  if (!reader.Read(&cookie)) return damaged;
  const bool with_runs = (cookie & 0xFFFF) == kCookieWithRuns;
  uint32_t count = (cookie >> 16) + 1;
  if (!with_runs && (cookie != kCookieWithoutRuns || !reader.Read(&count))) return damaged;
  if (count > 65536) return damaged;
  std::vector<uint8_t> run_flags(with_runs ? (count + 7) / 8 : 0);
  for (uint8_t& flags : run_flags) {
    if (!reader.Read(&flags)) return damaged;
  }
  std::vector<std::pair<uint16_t, uint16_t>> descriptors(count);
  for (auto& [key, size] : descriptors) {
    if (!reader.Read(&key) || !reader.Read(&size)) return damaged;
  }
  if ((!with_runs || count >= kOffsetsFrom) && !reader.Skip(size_t{4} * count)) return damaged;
  Bitmap bitmap;
  for (uint32_t i = 0; i < count; ++i) {
    const auto [key, last] = descriptors[i];
    if (i > 0 && key <= descriptors[i - 1].first) return damaged;
    std::vector<uint64_t> words(kWords, 0);
    if (with_runs && ((run_flags[i / 8] >> (i % 8)) & 1) != 0) {
      uint16_t runs;
      if (!reader.Read(&runs)) return damaged;
      for (; runs > 0; --runs) {
        uint16_t start;
        uint16_t length;
        if (!reader.Read(&start) || !reader.Read(&length) || start + length > 0xFFFF)
          return damaged;
        for (uint32_t bit = start; bit <= uint32_t{start} + length; ++bit) SetBit(&words, bit);
      }
    } else if (last >= kArrayMax) {
      for (uint64_t& word : words) {
        if (!reader.Read(&word)) return damaged;
      }
    } else {
      for (uint32_t left = uint32_t{last} + 1; left > 0; --left) {
        uint16_t low;
        if (!reader.Read(&low)) return damaged;
        SetBit(&words, low);
      }
    }
    Container container = FromWords(key, std::move(words));
    if (!container.array.empty() || !container.words.empty()) {
      bitmap.containers_.push_back(std::move(container));
    }
  }
  return bitmap;
}

std::string Bitmap::ToString() const {
  std::string text = "{";
  bool full = false;
  ForEach([&](uint32_t number) {
    if (full) return;
    if (text.size() > 1) text += ',';
    if (text.size() > kTextMax) {
      text += "...";
      full = true;
      return;
    }
    text += std::to_string(number);
  });
  return text + "}";
}

}  // namespace rhei

// The limit: one hand-written loop per Nexmark query over the bytes of the JSON corpus, one core,
// no engine around it. Each gives the result that the SQL in bench/nexmark/ leaves behind at the
// end of its input, windows that are still open included.
//
//   nexmark_loop time QUERY FILE [ROUNDS]   CPU seconds: the read of the file, the loop in memory
//   nexmark_loop rows QUERY FILE            the final rows, as CSV, for checking
//
// A loop may assume what an engine may not: the order of the keys (checked, it stops otherwise), no
// escapes, rows in the order of their time. Rows go as binary words into a ring that nobody reads.
#include <fcntl.h>
#include <immintrin.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr size_t kPadding = 4096;
constexpr int64_t kDayMillis = 86400000;

[[noreturn]] void Die(const char* message) {
  std::fprintf(stderr, "nexmark_loop: %s\n", message);
  std::exit(1);
}

double CpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// ---- Output ---------------------------------------------------------------------------------

// In `rows` mode the words are printed, a line a row; else they go round in a ring.
bool g_print = false;
uint64_t g_words[(1 << 16) + 64];
size_t g_word_count = 0;
char g_bytes[(1 << 20) + 256];
size_t g_byte_count = 0;
std::string g_line;

inline void Put(int64_t value) {
  if (__builtin_expect(g_print, 0)) {
    g_line += std::to_string(value) + ",";
    return;
  }
  g_words[g_word_count++ & 0xffff] = static_cast<uint64_t>(value);
}
inline void Put(std::string_view text) {
  if (__builtin_expect(g_print, 0)) {
    g_line.append(text).append(",");
    return;
  }
  std::memcpy(g_bytes + (g_byte_count & 0xfffff), text.data(), text.size());
  g_byte_count += text.size();
  // A text is shorter than the ring's margin, except that a few long ones start anew.
  if ((g_byte_count & 0xfffff) + 1024 > sizeof(g_bytes)) g_byte_count = 0;
}
inline void EndRow() {
  if (__builtin_expect(g_print, 0)) {
    g_line.back() = '\n';
    std::fputs(g_line.c_str(), stdout);
    g_line.clear();
  }
}

// ---- Input ----------------------------------------------------------------------------------

struct Bid {
  int64_t auction, bidder, price, millis;
  std::string_view channel, url, extra;
};
enum Column : unsigned {
  kAuction = 1,
  kBidder = 2,
  kPrice = 4,
  kChannel = 8,
  kUrl = 16,
  kTime = 32,
  kExtra = 64
};

inline const char* FindQuote(const char* p) {
#ifdef __AVX512BW__
  const __m512i quote = _mm512_set1_epi8('"');
  for (;; p += 64) {
    const uint64_t found = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), quote);
    if (found != 0) return p + __builtin_ctzll(found);
  }
#else
  const __m256i quote = _mm256_set1_epi8('"');
  for (;; p += 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const int found = _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, quote));
    if (found != 0) return p + __builtin_ctz(static_cast<unsigned>(found));
  }
#endif
}

inline int64_t TakeNumber(const char** p) {
  int64_t value = 0;
  for (; static_cast<unsigned>(**p - '0') < 10; ++*p) value = value * 10 + (**p - '0');
  return value;
}

inline std::string_view TakeText(const char** p) {
  const char* start = *p;
  const char* end = FindQuote(start);
  *p = end + 1;
  return {start, static_cast<size_t>(end - start)};
}

template <size_t kSize>
inline void TakeKey(const char** p, const char (&key)[kSize]) {
  if (__builtin_expect(std::memcmp(*p, key, kSize - 1) != 0, 0)) Die("unexpected form of a record");
  *p += kSize - 1;
}

int64_t DaysOf(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = year / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

inline int64_t TwoDigits(const char* p) {
  return (p[0] - '0') * 10 + (p[1] - '0');
}

// "2020-01-01 00:00:00.018", fraction as it likes; the date is looked up only when it changes.
class TimeReader {
 public:
  inline int64_t Take(const char** p) {
    const char* c = *p;
    if (std::memcmp(c, date_, sizeof(date_)) != 0) {
      std::memcpy(date_, c, sizeof(date_));
      midnight_ = kDayMillis *
                  DaysOf(TwoDigits(c) * 100 + TwoDigits(c + 2), TwoDigits(c + 5), TwoDigits(c + 8));
    }
    int64_t millis = (TwoDigits(c + 11) * 3600 + TwoDigits(c + 14) * 60 + TwoDigits(c + 17)) * 1000;
    c += 19;
    if (*c == '.') {
      int64_t weight = 100;
      for (++c; *c != '"'; ++c, weight /= 10) millis += (*c - '0') * weight;
    }
    *p = c + 1;
    return midnight_ + millis;
  }

 private:
  char date_[10] = {};
  int64_t midnight_ = 0;
};

struct Corpus {
  char* bytes = nullptr;
  size_t size = 0;
};

// Calls f(bid) for every bid; only the columns in kWanted are filled.
template <unsigned kWanted, typename F>
inline void ForEachBid(const Corpus& corpus, F f) {
  constexpr auto kFrom = [](unsigned column) { return kWanted >= column; };
  TimeReader times;
  const char* p = corpus.bytes;
  const char* const end = p + corpus.size;
  Bid bid{};
  while (p < end) {
    if (p[14] != '2') {
      p = static_cast<const char*>(std::memchr(p + 150, '\n', static_cast<size_t>(end - p))) + 1;
      continue;
    }
    TakeKey(&p, "{\"event_type\":2,\"person\":null,\"auction\":null,\"bid\":{\"auction\":");
    bid.auction = TakeNumber(&p);
    if constexpr (kFrom(kBidder)) {
      TakeKey(&p, ",\"bidder\":");
      bid.bidder = TakeNumber(&p);
    }
    if constexpr (kFrom(kPrice)) {
      TakeKey(&p, ",\"price\":");
      bid.price = TakeNumber(&p);
    }
    if constexpr (kFrom(kChannel)) {
      TakeKey(&p, ",\"channel\":\"");
      bid.channel = TakeText(&p);
    }
    if constexpr (kFrom(kUrl)) {
      TakeKey(&p, ",\"url\":\"");
      bid.url = TakeText(&p);
    }
    if constexpr (kFrom(kTime)) {
      TakeKey(&p, ",\"dateTime\":\"");
      bid.millis = times.Take(&p);
    }
    if constexpr (kFrom(kExtra)) {
      TakeKey(&p, ",\"extra\":\"");
      bid.extra = TakeText(&p);
    }
    // The record ends soon behind what was read; memchr starts there.
    p = static_cast<const char*>(std::memchr(p, '\n', static_cast<size_t>(end - p))) + 1;
    f(bid);
  }
}

// ---- A hash table: key 0 is free, linear probing, two thirds full at most.
// ---------------------------

template <typename V>
class Table {
 public:
  struct Slot {
    uint64_t key;
    V value;
  };
  explicit Table(size_t slots = 4096) : slots_(slots), mask_(slots - 1) {}
  V& At(uint64_t key, bool* is_new) {
    if (used_ * 3 >= slots_.size() * 2) Grow();
    Slot& slot = Find(key);
    *is_new = slot.key == 0;
    used_ += *is_new ? 1 : 0;
    slot.key = key;
    return slot.value;
  }
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  Slot& Find(uint64_t key) {
    const uint64_t hash = key * 0x9E3779B97F4A7C15u;
    for (size_t at = (hash ^ hash >> 29) & mask_;; at = (at + 1) & mask_) {
      if (slots_[at].key == key || slots_[at].key == 0) return slots_[at];
    }
  }
  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.key != 0) Find(slot.key) = slot;
    }
  }
  std::vector<Slot> slots_;
  size_t mask_;
  size_t used_ = 0;
};

// ---- The queries ------------------------------------------------------------------------------

void Q0(const Corpus& corpus) {
  ForEachBid<kTime | kExtra>(corpus, [](const Bid& bid) {
    Put(bid.auction);
    Put(bid.bidder);
    Put(bid.price);
    Put(bid.millis);
    Put(bid.extra);
    EndRow();
  });
}

void Q1(const Corpus& corpus) {
  ForEachBid<kTime | kExtra>(corpus, [](const Bid& bid) {
    Put(bid.auction);
    Put(bid.bidder);
    Put(bid.price * 908);  // a decimal with three digits behind the point
    Put(bid.millis);
    Put(bid.extra);
    EndRow();
  });
}

void Q2(const Corpus& corpus) {
  ForEachBid<kPrice>(corpus, [](const Bid& bid) {
    if (bid.auction % 123 != 0) return;
    Put(bid.auction);
    Put(bid.price);
    EndRow();
  });
}

struct AuctionDay {
  int64_t count, low, middle, high, min, max, sum;
};

void PutAuctionDay(uint64_t key, const AuctionDay& day) {
  const int64_t row[] = {static_cast<int64_t>(key >> 20),
                         static_cast<int64_t>(key & 0xfffff),
                         day.count,
                         day.low,
                         day.middle,
                         day.high,
                         day.min,
                         day.max,
                         day.sum / day.count,
                         day.sum};
  if (__builtin_expect(!g_print, 1)) {
    std::memcpy(g_words + (g_word_count & 0xffff), row, sizeof(row));
    g_word_count += std::size(row);
    return;
  }
  for (const int64_t value : row) Put(value);
  EndRow();
}

void Q17(const Corpus& corpus) {
  Table<AuctionDay> table;
  const bool print = g_print;
  ForEachBid<kTime>(corpus, [&](const Bid& bid) {
    bool is_new;
    const auto key =
        static_cast<uint64_t>(bid.auction) << 20 | static_cast<uint64_t>(bid.millis / kDayMillis);
    AuctionDay& day = table.At(key, &is_new);
    if (is_new) day.min = bid.price;
    ++day.count;
    day.low += bid.price < 10000 ? 1 : 0;
    day.middle += bid.price >= 10000 && bid.price < 1000000 ? 1 : 0;
    day.high += bid.price >= 1000000 ? 1 : 0;
    day.min = std::min(day.min, bid.price);
    day.max = std::max(day.max, bid.price);
    day.sum += bid.price;
    if (!print) PutAuctionDay(key, day);
  });
  if (!print) return;
  for (const auto& slot : table.slots()) {
    if (slot.key != 0) PutAuctionDay(slot.key, slot.value);
  }
}

// The last bid of each bidder on each auction, kept as a whole row.
class LastBids {
 public:
  void Add(const Bid& bid) {
    bool is_new;
    const auto key = static_cast<uint64_t>(bid.bidder) << 32 | static_cast<uint64_t>(bid.auction);
    Row& row = table_.At(key, &is_new);
    if (!is_new && bid.millis < row.millis) return;
    const size_t size = bid.channel.size() + bid.url.size() + bid.extra.size();
    if (is_new || size > row.room) {
      row.room = static_cast<uint16_t>(size);
      row.at = Allocate(size);
    }
    row.price = bid.price;
    row.millis = bid.millis;
    row.channel_size = static_cast<uint16_t>(bid.channel.size());
    row.url_size = static_cast<uint16_t>(bid.url.size());
    row.size = static_cast<uint16_t>(size);
    char* to = row.at;
    std::memcpy(to, bid.channel.data(), bid.channel.size());
    std::memcpy(to += bid.channel.size(), bid.url.data(), bid.url.size());
    std::memcpy(to += bid.url.size(), bid.extra.data(), bid.extra.size());
    if (!g_print) PutRow(key, row);
  }
  void Print() const {
    for (const auto& slot : table_.slots()) {
      if (slot.key != 0) PutRow(slot.key, slot.value);
    }
  }
  ~LastBids() {
    for (char* block : blocks_) munmap(block, kBlockBytes);
  }

 private:
  static constexpr size_t kBlockBytes = size_t{16} << 20;
  struct Row {
    int64_t price, millis;
    char* at;
    uint16_t room, size, channel_size, url_size;
  };
  char* Allocate(size_t size) {
    if (blocks_.empty() || used_ + size > kBlockBytes) {
      void* block =
          mmap(nullptr, kBlockBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (block == MAP_FAILED) Die("no memory");
      madvise(block, kBlockBytes, MADV_HUGEPAGE);
      blocks_.push_back(static_cast<char*>(block));
      used_ = 0;
    }
    used_ += size;
    return blocks_.back() + used_ - size;
  }
  static void PutRow(uint64_t key, const Row& row) {
    Put(static_cast<int64_t>(key & 0xffffffff));
    Put(static_cast<int64_t>(key >> 32));
    Put(row.price);
    Put(std::string_view(row.at, row.channel_size));
    Put(std::string_view(row.at + row.channel_size, row.url_size));
    Put(row.millis);
    const size_t before = size_t{row.channel_size} + row.url_size;
    Put(std::string_view(row.at + before, row.size - before));
    EndRow();
  }
  Table<Row> table_{1 << 16};
  std::vector<char*> blocks_;
  size_t used_ = 0;
};

void Q18(const Corpus& corpus) {
  LastBids last;
  ForEachBid<kTime | kExtra>(corpus, [&](const Bid& bid) { last.Add(bid); });
  if (g_print) last.Print();
}

void Q22(const Corpus& corpus) {
  ForEachBid<kUrl>(corpus, [](const Bid& bid) {
    Put(bid.auction);
    Put(bid.bidder);
    Put(bid.price);
    Put(bid.channel);
    // Parts 3, 4 and 5 of the url, from the places of its first six slashes.
    std::string_view parts[3];
    const char* url = bid.url.data();
    const char* from = url;
    int part = 0;
    for (size_t base = 0; base < bid.url.size() && part < 6; base += 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(url + base));
      auto slashes = static_cast<uint32_t>(
          _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('/'))));
      for (; slashes != 0 && part < 6; slashes &= slashes - 1) {
        const char* slash = url + base + static_cast<size_t>(__builtin_ctz(slashes));
        if (slash >= url + bid.url.size()) break;
        if (part >= 3) parts[part - 3] = {from, static_cast<size_t>(slash - from)};
        from = slash + 1;
        ++part;
      }
    }
    if (part >= 3 && part < 6) {
      parts[part - 3] = {from, static_cast<size_t>(url + bid.url.size() - from)};
    }
    for (const std::string_view text : parts) Put(text);
    EndRow();
  });
}

constexpr int64_t kPaneMillis = 2000;
constexpr int64_t kPanes = 5;

// Bids per auction in panes of 2 s; fire(window end pane, counts) for every window of 5 panes.
template <typename Fire>
void Hop(const Corpus& corpus, Fire fire) {
  std::map<int64_t, Table<int64_t>> panes;
  int64_t current = INT64_MIN;
  Table<int64_t>* pane = nullptr;
  const auto close = [&](int64_t last) {
    Table<int64_t> counts(1 << 14);
    for (auto& [number, table] : panes) {
      if (number > last || number + kPanes <= last) continue;
      for (const auto& slot : table.slots()) {
        bool is_new;
        if (slot.key != 0) counts.At(slot.key, &is_new) += slot.value;
      }
    }
    fire(last, counts);
    while (!panes.empty() && panes.begin()->first + kPanes - 1 <= last) panes.erase(panes.begin());
  };
  ForEachBid<kTime>(corpus, [&](const Bid& bid) {
    const int64_t number = bid.millis / kPaneMillis;
    if (number != current) {
      for (; current != INT64_MIN && current < number; ++current) close(current);
      current = number;
      pane = &panes[number];
    }
    bool is_new;
    ++pane->At(static_cast<uint64_t>(bid.auction), &is_new);
  });
  for (int64_t last = current; current != INT64_MIN && last < current + kPanes; ++last) close(last);
}

void Q5Hop(const Corpus& corpus) {
  Hop(corpus, [](int64_t last, const Table<int64_t>& counts) {
    for (const auto& slot : counts.slots()) {
      if (slot.key == 0) continue;
      Put(static_cast<int64_t>(slot.key));
      Put(slot.value);
      Put((last + 1 - kPanes) * kPaneMillis);
      Put((last + 1) * kPaneMillis);
      EndRow();
    }
  });
}

void Q5(const Corpus& corpus) {
  Hop(corpus, [](int64_t, const Table<int64_t>& counts) {
    int64_t most = 0;
    for (const auto& slot : counts.slots()) most = std::max(most, slot.value);
    for (const auto& slot : counts.slots()) {
      if (slot.key == 0 || slot.value != most) continue;
      Put(static_cast<int64_t>(slot.key));
      Put(slot.value);
      EndRow();
    }
  });
}

void Q7(const Corpus& corpus) {
  struct Best {
    int64_t auction, price, bidder, millis;
    std::string extra;
  };
  std::vector<Best> best;
  int64_t window = INT64_MIN;
  int64_t highest = 0;
  const auto flush = [&] {
    for (const Best& row : best) {
      Put(row.auction);
      Put(row.price);
      Put(row.bidder);
      Put(row.millis);
      Put(std::string_view(row.extra));
      EndRow();
    }
    best.clear();
    highest = 0;
  };
  ForEachBid<kTime | kExtra>(corpus, [&](const Bid& bid) {
    if (bid.millis / 10000 != window) {
      flush();
      window = bid.millis / 10000;
    }
    if (bid.price < highest) return;
    if (bid.price > highest) best.clear();
    highest = bid.price;
    best.push_back({bid.auction, bid.price, bid.bidder, bid.millis, std::string(bid.extra)});
  });
  flush();
}

struct Query {
  const char* name;
  void (*run)(const Corpus& corpus);
};
constexpr Query kQueries[] = {{"q0", Q0},   {"q1", Q1},        {"q2", Q2},
                              {"q17", Q17}, {"q18", Q18},      {"q22", Q22},
                              {"q5", Q5},   {"q5_hop", Q5Hop}, {"q7", Q7}};

// What the read of the file alone costs: block by block into one small buffer.
double ReadCost(const char* path) {
  const int file = open(path, O_RDONLY);
  if (file < 0) Die("the corpus cannot be opened");
  std::vector<char> block(size_t{1} << 20);
  const double start = CpuSeconds();
  while (read(file, block.data(), block.size()) > 0) {
  }
  const double seconds = CpuSeconds() - start;
  close(file);
  return seconds;
}

Corpus Load(const char* path) {
  const int file = open(path, O_RDONLY);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) Die("the corpus cannot be opened");
  Corpus corpus;
  const auto size = static_cast<size_t>(info.st_size);
  void* memory =
      mmap(nullptr, size + kPadding, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) Die("no memory");
  madvise(memory, size + kPadding, MADV_HUGEPAGE);
  corpus.bytes = static_cast<char*>(memory);
  for (ssize_t got; corpus.size < size; corpus.size += static_cast<size_t>(got)) {
    got = read(file, corpus.bytes + corpus.size, size - corpus.size);
    if (got <= 0) Die("the corpus cannot be read");
  }
  close(file);
  if (corpus.size == 0 || corpus.bytes[corpus.size - 1] != '\n') Die("no line end at the end");
  return corpus;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) Die("usage: nexmark_loop time|rows QUERY FILE [ROUNDS]");
  const Query* query = nullptr;
  for (const Query& candidate : kQueries) {
    if (std::strcmp(candidate.name, argv[2]) == 0) query = &candidate;
  }
  if (query == nullptr) Die("no such query");
  g_print = std::strcmp(argv[1], "rows") == 0;
  const Corpus corpus = Load(argv[3]);
  if (g_print) {
    query->run(corpus);
    return 0;
  }
  const int rounds = argc > 4 ? std::atoi(argv[4]) : 1;
  double read_seconds = 1e9;
  double loop_seconds = 1e9;
  for (int i = 0; i < rounds; ++i) {
    read_seconds = std::min(read_seconds, ReadCost(argv[3]));
    const double start = CpuSeconds();
    query->run(corpus);
    loop_seconds = std::min(loop_seconds, CpuSeconds() - start);
  }
  std::printf("{\"query\": \"%s\", \"read\": %.4f, \"loop\": %.4f}\n", query->name, read_seconds,
              loop_seconds);
  return 0;
}

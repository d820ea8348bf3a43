#include "sim/input.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace rhei {
namespace {

constexpr int64_t kFirstFileMicros = 1'600'000'000'000'000;

struct Event {
  int64_t id = 0;
  std::string key;
  int64_t value = 0;
  int64_t time_ms = 0;  // since 2024-01-01 00:00:00
};

std::string TimeText(int64_t time_ms) {
  const int64_t second = time_ms / 1000;
  return fmt::format("2024-01-01 {:02}:{:02}:{:02}.{:03}", second / 3600, second / 60 % 60,
                     second % 60, time_ms % 1000);
}

std::string Line(const Event& event, bool csv) {
  const std::string time = TimeText(event.time_ms);
  if (csv) return fmt::format("{},{},{},{}\n", event.id, event.key, event.value, time);
  return fmt::format(R"({{"id":{},"k":"{}","v":{},"ts":"{}"}})"
                     "\n",
                     event.id, event.key, event.value, time);
}

void PutFile(const std::string& table, size_t number, std::string_view text, SimulatedDisk* disk) {
  disk->Put(fmt::format("/in/{}/{:02}", table, number), text,
            kFirstFileMicros + static_cast<int64_t>(number));
}

void PutEvents(const std::string& table, const InputShape& shape, Dice* dice, SimulatedDisk* disk) {
  std::vector<Event> events;
  const auto key_count = static_cast<uint64_t>(dice->Between(1, 6));
  int64_t second = 100;
  for (int i = 0; i < shape.row_count; ++i) {
    // A pause now and then ends sessions.
    second += dice->Chance(8) ? dice->Between(2, 15) : 1;
    Event event{i, fmt::format("k{}", dice->Below(key_count)), dice->Between(0, 40), second * 1000};
    events.push_back(std::move(event));
  }
  // Never over the border of two files.
  const auto file_count = static_cast<size_t>(shape.file_count);
  std::vector<std::vector<Event>> files(file_count);
  for (size_t i = 0; i < events.size(); ++i) {
    files[i * file_count / events.size()].push_back(events[i]);
  }
  for (size_t number = 0; number < file_count; ++number) {
    std::vector<Event>& rows = files[number];
    std::vector<std::pair<int64_t, Event>> order;
    for (Event& event : rows) {
      const int64_t place = event.time_ms + dice->Between(0, 3000);
      order.emplace_back(place, std::move(event));
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::transform(order.begin(), order.end(), rows.begin(),
                   [](auto& entry) { return std::move(entry.second); });
    std::string text;
    for (Event& event : rows) {
      if (shape.late_rows && dice->Chance(12)) {
        event.time_ms -= dice->Between(4, 60) * 1000;
        event.time_ms += 1 + event.id % 999;  // of its own
      }
      text += Line(event, shape.csv);
    }
    PutFile(table, number, text, disk);
  }
}

// Changes of a table with the key id; with `upserts` an update is one +U.
void PutChanges(const std::string& table, bool upserts, const InputShape& shape, Dice* dice,
                SimulatedDisk* disk) {
  struct Row {
    std::string key;
    int64_t value = 0;
  };
  std::map<int64_t, Row> rows;
  const auto file_count = static_cast<uint64_t>(shape.file_count);
  std::vector<std::string> texts(file_count);
  const auto put = [&](std::string_view op, int64_t id, const Row& row) {
    texts[static_cast<uint64_t>(id) % file_count] +=
        fmt::format(R"({{"op":"{}","id":{},"k":"{}","v":{}}})"
                    "\n",
                    op, id, row.key, row.value);
  };
  for (int i = 0; i < shape.row_count; ++i) {
    const int64_t id = dice->Between(0, 40);
    const Row row{fmt::format("k{}", dice->Below(5)), dice->Between(0, 60)};
    const auto found = rows.find(id);
    if (found == rows.end()) {
      put("+I", id, row);
    } else if (dice->Chance(25)) {
      put("-D", id, found->second);
      rows.erase(found);
      continue;
    } else {
      if (!upserts) put("-U", id, found->second);
      put("+U", id, row);
    }
    rows[id] = row;
  }
  for (size_t number = 0; number < file_count; ++number) {
    PutFile(table, number, texts[number], disk);
  }
}

}  // namespace

void PutInput(const InputShape& shape, Dice* dice, SimulatedDisk* disk) {
  PutEvents("orders", shape, dice, disk);
  PutEvents("payments", shape, dice, disk);
  PutChanges("customers", true, shape, dice, disk);
  PutChanges("ledger", false, shape, dice, disk);
}

}  // namespace rhei

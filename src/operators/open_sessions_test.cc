#include "operators/open_sessions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "columnar/hash.h"

namespace rhei {
namespace {

constexpr int64_t kGap = 10;

class OpenSessionsTest : public ::testing::Test {
 protected:
  OpenSessionsTest() {
    WindowSpec window;
    window.kind = WindowKind::kSession;
    window.size_ms = kGap;
    times_ = WindowTimes::Make(window).value();
    Reopen({});
  }

  void Reopen(const std::vector<std::shared_ptr<const FrozenState>>& frozen) {
    sessions_ = std::make_unique<OpenSessions>();
    store_ = std::make_unique<StateStore>("op", KeyGroupRange{0, kKeyGroupCount}, nullptr);
    EXPECT_TRUE(store_->Restore(frozen).ok());
    EXPECT_TRUE(sessions_->Open(store_.get(), {DataType::BigInt()}, kGap, &times_, nullptr).ok());
    store_->EndRestore();
  }

  OpenSessions::Taken Take(int64_t key, int64_t time_ms, int64_t progress_ms = INT64_MIN) {
    const Column column = MakeConstant(Value::Int(key), DataType::BigInt(), 1);
    const Column* keys[] = {&column};
    uint64_t hash;
    HashRows(keys, 1, &hash);
    const int32_t rows[] = {0};
    sessions_->Find(keys, &hash, rows);
    OpenSessions::Taken taken;
    sessions_->Take(0, time_ms, progress_ms, &taken);
    sessions_->EraseEmpty();
    return taken;
  }

  // By key; each key's in the order in which they came.
  std::map<int64_t, std::vector<Session>> Fire(int64_t progress_ms) {
    std::map<int64_t, std::vector<Session>> all;
    OpenSessions::Fired fired;
    while (sessions_->Fire(progress_ms, &fired)) {
      std::vector<Session>& of_key =
          all[GetValue(fired.keys[0], 0, DataType::BigInt()).int_value()];
      of_key.insert(of_key.end(), fired.sessions.begin(), fired.sessions.end());
    }
    return all;
  }

  WindowTimes times_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<OpenSessions> sessions_;
};

TEST_F(OpenSessionsTest, ARowJoinsTheSessionsThatItTouches) {
  const int64_t early = Take(1, 0).number, middle = Take(1, 20).number, late = Take(1, 40).number;
  EXPECT_EQ(Take(2, 20).joined.size(), 0U);
  EXPECT_EQ(Take(1, 15).number, middle);  // now from 15 to 30
  EXPECT_EQ(Take(1, 20).number, middle);
  const OpenSessions::Taken both = Take(1, 30);  // touches the ends of two
  EXPECT_EQ(both.number, middle);
  EXPECT_EQ(both.joined, std::vector<int64_t>{late});
  const OpenSessions::Taken all = Take(1, 5);
  EXPECT_EQ(all.number, early);
  EXPECT_EQ(all.joined, std::vector<int64_t>{middle});
  EXPECT_TRUE(Fire(48)[1].empty());
  const std::vector<Session> fired = Fire(49)[1];
  ASSERT_EQ(fired.size(), 1U);
  EXPECT_EQ(fired[0].start, 0);
  EXPECT_EQ(fired[0].end, 50);
  EXPECT_EQ(fired[0].number, early);
  EXPECT_EQ(sessions_->NextTime(), INT64_MAX);
}

TEST_F(OpenSessionsTest, ARowIsLateWhenItReachesNoOpenSession) {
  Take(1, 100);
  Take(1, 92);
  EXPECT_FALSE(Take(1, 83, 95).late);  // its own window ends at 93
  EXPECT_TRUE(Take(1, 70, 95).late);
  EXPECT_TRUE(Take(2, 86, 95).late);
  EXPECT_FALSE(Take(2, 87, 95).late);
}

// What it should hold, the slow way: the rows of each key that are in no fired session.
struct Model {
  std::map<int64_t, std::vector<Session>> open;

  // False: late.
  bool Take(int64_t key, int64_t time_ms, int64_t progress_ms, int64_t number) {
    std::vector<Session>& sessions = open[key];
    Session own{time_ms, time_ms + kGap, number};
    const auto touches = [&](const Session& each) {
      return each.start <= time_ms + kGap && each.end >= time_ms;
    };
    if (std::none_of(sessions.begin(), sessions.end(), touches) && own.end - 1 <= progress_ms) {
      return false;
    }
    for (const Session& each : sessions) {
      if (!touches(each)) continue;
      own.start = std::min(own.start, each.start);
      own.end = std::max(own.end, each.end);
    }
    std::erase_if(sessions, touches);
    sessions.push_back(own);
    return true;
  }
  std::vector<Session> Fire(int64_t key, int64_t progress_ms) {
    std::vector<Session> fired;
    const auto over = [&](const Session& each) { return each.end - 1 <= progress_ms; };
    std::copy_if(open[key].begin(), open[key].end(), std::back_inserter(fired), over);
    std::erase_if(open[key], over);
    std::sort(fired.begin(), fired.end(),
              [](const Session& a, const Session& b) { return a.end < b.end; });
    return fired;
  }
};

TEST_F(OpenSessionsTest, AreThoseOfASimpleModelAlsoAfterRestarts) {
  for (uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    Reopen({});
    Model model;
    int64_t progress = -1;
    const int64_t ahead = seed % 2 == 0 ? 100 : 2000;
    for (int step = 0; step < 400; ++step) {
      const int64_t key = static_cast<int64_t>(random() % 3);
      const int64_t time = progress - 30 + static_cast<int64_t>(random()) % ahead;
      const OpenSessions::Taken taken = Take(key, time, progress);
      ASSERT_EQ(!taken.late, model.Take(key, time, progress, taken.number)) << seed << " " << step;
      if (random() % 50 == 0) Reopen({store_->Freeze(static_cast<uint64_t>(step) + 1).value()});
      if (random() % 8 != 0) continue;
      progress += static_cast<int64_t>(random() % 40);
      std::map<int64_t, std::vector<Session>> fired = Fire(progress);
      for (const int64_t each : {0, 1, 2}) {
        const std::vector<Session> expected = model.Fire(each, progress);
        ASSERT_EQ(fired[each].size(), expected.size()) << seed << " " << step;
        for (size_t i = 0; i < expected.size(); ++i) {
          EXPECT_EQ(fired[each][i].start, expected[i].start);
          EXPECT_EQ(fired[each][i].end, expected[i].end);
          EXPECT_EQ(fired[each][i].number, expected[i].number);
        }
      }
    }
  }
}

}  // namespace
}  // namespace rhei

#include "checkpoint/manifest.h"

#include <gtest/gtest.h>

#include "base/checksum.h"
#include "checkpoint/checkpoint_test_kit.h"

namespace rhei {
namespace {

Manifest MakeManifest() {
  Manifest manifest;
  manifest.generation = 3;
  manifest.epoch = 17;
  manifest.shard_count = 2;
  manifest.last = true;
  manifest.created_micros = 1'700'000'000'000'000;
  manifest.completed_micros = 1'700'000'000'250'000;
  manifest.job = {"clicks", "f00d", {{"agg-1", "GroupAggregate", {{"sums", "BIGINT -> 8"}}}}};
  for (int shard = 0; shard < 2; ++shard) {
    InstanceSnapshot instance = MakeInstance("agg-1", shard, 17, {});
    instance.state.reset();
    instance.input_watermarks_ms = {5, kNoWatermark};
    instance.combined_watermark_ms = 4;
    instance.output_watermark_ms = 3;
    instance.output_idle = shard == 0;
    instance.done = shard == 1;
    if (shard == 1) instance.seal = std::make_shared<const std::string>("sealed");
    manifest.instances.push_back(instance);
  }
  manifest.carried_seals.push_back(
      {"agg-1", 1, 16, std::make_shared<const std::string>("earlier")});
  auto base = std::make_shared<const SegmentInfo>(SegmentInfo{"segments/9-2-0", 2, 9, 0, 900, 77});
  auto delta =
      std::make_shared<const SegmentInfo>(SegmentInfo{"segments/17-3-1", 3, 17, 1, 300, 78});
  manifest.chains.Set({"agg-1", "sums", 0, -1}, {{base, 0, 10, 1, false}, {delta, 5, 6, 2, true}});
  manifest.chains.Set({"agg-1", "sums", 127, -1}, {{base, 10, 890, 3, false}});
  manifest.chains.Set({"agg-1", "splits", -1, 1}, {{delta, 11, 12, 4, false}});
  return manifest;
}

TEST(ManifestTest, ComesBackAsItWas) {
  const std::string bytes = EncodeManifest(MakeManifest());
  const Result<Manifest> read = DecodeManifest(bytes, "m");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(EncodeManifest(*read), bytes);
  EXPECT_EQ(read->epoch, 17u);
  EXPECT_TRUE(read->last);
  EXPECT_EQ(read->job, MakeManifest().job);
  EXPECT_EQ(read->Segments().size(), 2u);
  ASSERT_EQ(read->instances.size(), 2u);
  EXPECT_EQ(*read->instances[1].seal, "sealed");
  EXPECT_EQ(read->instances[0].input_watermarks_ms, (std::vector<int64_t>{5, kNoWatermark}));
  const auto& chain = read->chains.all().at({"agg-1", "sums", 0, -1});
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_TRUE(chain[1].is_delta);
  EXPECT_EQ(chain[1].segment->name, "segments/17-3-1");
}

TEST(ManifestTest, EveryBitAndEveryTruncationIsSeen) {
  const std::string good = EncodeManifest(MakeManifest());
  ASSERT_LT(good.size(), 2000u);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(good[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(DecodeManifest(bad, "m").status().code(), ErrorCode::kStateMismatch) << bit;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(DecodeManifest(good.substr(0, size), "m").status().code(), ErrorCode::kStateMismatch)
        << size;
  }
  EXPECT_EQ(DecodeManifest(good + '\0', "m").status().message(),
            "m: damaged: its checksum is wrong");
}

// What is inside is judged too: a checksum that is right does not make it sensible.
TEST(ManifestTest, ContentThatMakesNoSenseIsRefused) {
  const std::string good = EncodeManifest(MakeManifest());
  int refused = 0;
  for (size_t at = 20; at + 8 < good.size(); ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string bad = good.substr(0, good.size() - 8);
      bad[at] = value;
      WriteFixed(Checksum(bad), &bad);
      const Result<Manifest> read = DecodeManifest(bad, "m");
      if (read.ok()) continue;
      ++refused;
      EXPECT_EQ(read.status().message(), "m: damaged: its content is not consistent");
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(ManifestTest, AnotherVersionIsRefusedByName) {
  std::string old = EncodeManifest(MakeManifest());
  old.resize(old.size() - 8);
  old[8] = 0;
  WriteFixed(Checksum(old), &old);
  const Status status = DecodeManifest(old, "d/manifest-17-3").status();
  EXPECT_EQ(status.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(status.message(),
            "d/manifest-17-3: is of checkpoint format version 0; this rhei reads version 3. "
            "Continue with the rhei that wrote it, or start anew with --fresh");
}

TEST(ManifestTest, SegmentsLieBesideOrBelow) {
  for (const char* name : {"/etc/passwd", "../other", "a/../../b", ""}) {
    Manifest manifest = MakeManifest();
    auto segment = std::make_shared<const SegmentInfo>(SegmentInfo{name, 1, 1, 0, 10, 1});
    manifest.chains.Set({"agg-1", "sums", 1, -1}, {{segment, 0, 1, 1, false}});
    EXPECT_FALSE(DecodeManifest(EncodeManifest(manifest), "m").ok()) << name;
  }
}

}  // namespace
}  // namespace rhei

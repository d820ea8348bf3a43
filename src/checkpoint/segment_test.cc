#include "checkpoint/segment.h"

#include <gtest/gtest.h>

#include "checkpoint/memory_files_test_kit.h"

namespace rhei {
namespace {

class SegmentTest : public ::testing::Test {
 protected:
  SegmentTest() { files_.directories.insert("d"); }

  SegmentInfo Write(const std::vector<std::string>& pieces) {
    SegmentInfo info;
    info.name = "s";
    info.epoch = 7;
    info.generation = 3;
    info.shard = 1;
    auto writer = SegmentWriter::Create(files_, "d", info);
    EXPECT_TRUE(writer.ok());
    uint64_t offset = 0;
    for (const std::string& piece : pieces) {
      EXPECT_EQ((*writer)->Append(piece).value(), offset);
      offset += piece.size();
    }
    return (*writer)->Finish(Environment()).value();
  }
  Result<std::unique_ptr<SegmentReader>> Open(const SegmentInfo* expected) {
    return SegmentReader::Open(files_.OpenForRead("d/s").value(), files_.files["d/s"].size(), "d/s",
                               expected);
  }

  MemoryFiles files_;
};

std::string Noise(size_t size, uint64_t seed) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(seed >> 56);
  }
  return bytes;
}

TEST_F(SegmentTest, ReadsAnyPartAcrossBlocks) {
  const std::string all =
      std::string(300'000, 'a') + Noise(700'001, 1) + "small" + std::string(262'144, 'b');
  const SegmentInfo info =
      Write({all.substr(0, 10), "", all.substr(10, 600'000), all.substr(600'010)});
  EXPECT_EQ(info.file_bytes, files_.files["d/s"].size());
  EXPECT_LT(info.file_bytes, 720'000u);  // noise stays as it is, the rest shrinks
  auto reader = Open(&info);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_EQ((*reader)->raw_bytes(), all.size());
  for (const auto& [offset, size] : std::vector<std::pair<size_t, size_t>>{
           {0, all.size()}, {262'143, 2}, {999'000, 10'000}, {5, 0}, {all.size(), 0}}) {
    std::string out(size, '\0');
    ASSERT_TRUE((*reader)->Read(offset, size, out.data()).ok());
    EXPECT_EQ(out, all.substr(offset, size));
  }
  std::string out(2, '\0');
  EXPECT_EQ((*reader)->Read(all.size() - 1, 2, out.data()).code(), ErrorCode::kStateMismatch);
  EXPECT_TRUE((*reader)->VerifyAll().ok());
  EXPECT_TRUE((*reader)->Verify(0, all.size()).ok());
  EXPECT_EQ((*reader)->Verify(all.size() - 1, 2).code(), ErrorCode::kStateMismatch);
}

TEST_F(SegmentTest, AnEmptyOneIsValid) {
  const SegmentInfo info = Write({});
  auto reader = Open(&info);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->raw_bytes(), 0u);
}

TEST_F(SegmentTest, ASegmentOfAnotherEpochIsNotTakenForTheRightOne) {
  const SegmentInfo info = Write({"content"});
  SegmentInfo other = info;
  other.epoch = 8;
  const Status status = Open(&other).status();
  EXPECT_EQ(status.code(), ErrorCode::kStateMismatch);
  EXPECT_EQ(status.message(),
            "d/s: damaged: it is not the segment that its manifest means: epoch 7, generation 3, "
            "shard 1 instead of epoch 8, generation 3, shard 1");
}

TEST_F(SegmentTest, EveryBitAndEveryTruncationIsSeen) {
  const std::string content = std::string(2000, 'x') + Noise(300, 2);
  const SegmentInfo info = Write({content});
  const std::string good = files_.files["d/s"];
  const auto detected = [&](const SegmentInfo* expected) {
    auto reader = Open(expected);
    if (!reader.ok()) return reader.status().code() == ErrorCode::kStateMismatch;
    return (*reader)->VerifyAll().code() == ErrorCode::kStateMismatch &&
           (*reader)->Verify(0, (*reader)->raw_bytes()).code() == ErrorCode::kStateMismatch;
  };
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    files_.files["d/s"] = good;
    files_.files["d/s"][bit / 8] = static_cast<char>(good[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(detected(&info)) << "bit " << bit;
    // Also without what the manifest knows.
    EXPECT_TRUE(detected(nullptr)) << "bit " << bit;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    files_.files["d/s"] = good.substr(0, size);
    EXPECT_TRUE(detected(&info)) << "size " << size;
    EXPECT_TRUE(detected(nullptr)) << "size " << size;
  }
}

TEST_F(SegmentTest, AFailedSyncIsTheEnd) {
  files_.fault = [](std::string_view operation, const std::string& path) {
    return operation == "sync" ? IoError(path + ": cannot fsync") : Status();
  };
  SegmentInfo info;
  info.name = "s";
  auto writer = SegmentWriter::Create(files_, "d", info);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append("content").ok());
  EXPECT_EQ((*writer)->Finish(Environment()).status().message(), "d/s: cannot fsync");
}

}  // namespace
}  // namespace rhei

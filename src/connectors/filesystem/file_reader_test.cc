#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "base/memory_pool.h"
#include "connectors/filesystem/file_source.h"

namespace rhei {
namespace {

// "a" and "b" as lines.
constexpr std::string_view kPlain = "a\nb\n";
constexpr std::string_view kCompressed(
    "\037\213\010\000\000\000\000\000\002\377\113\344\112\342\002\000\227\052\127\030\004\000\000"
    "\000",
    24);

class FileReaderTest : public testing::Test {
 protected:
  FileReaderTest() {
    char name[] = "/tmp/rhei-file-reader-XXXXXX";
    root_ = mkdtemp(name);
    EXPECT_TRUE(WriteFile(files(), root_ + "/t.txt", kPlain).ok());
    EXPECT_TRUE(WriteFile(files(), root_ + "/t.txt.gz", kCompressed).ok());
  }
  ~FileReaderTest() override { (void)!system(("rm -rf " + root_).c_str()); }

  static FileSystem& files() { return *RealEnvironment().files; }

  // The lines from a stored position on, or the error.
  static std::string ReadFrom(const std::string& path, const std::string& position) {
    FileSourceOptions options;
    options.path = path;
    options.record_bytes_max = 1000;
    const std::unique_ptr<SourceReader> reader = MakeFileReader(options, &files(), nullptr);
    EXPECT_TRUE(reader->AddSplit({path, position, 4}, 0).ok());
    std::string lines;
    while (true) {
      RecordChunk chunk;
      const Result<PollResult> polled = reader->Poll(0, &chunk);
      if (!polled.ok()) {
        EXPECT_EQ(polled.status().code(), ErrorCode::kStateMismatch);
        return polled.status().message();
      }
      if (*polled != PollResult::kChunk) return lines;
      for (const ByteSpan& record : chunk.values) {
        lines.append(chunk.buffer->chars() + record.offset, record.size) += ' ';
      }
    }
  }

  std::string root_;
};

TEST_F(FileReaderTest, APositionBehindTheEndIsAnError) {
  for (const std::string& path : {root_ + "/t.txt", root_ + "/t.txt.gz"}) {
    EXPECT_EQ(ReadFrom(path, ""), "a b ");
    EXPECT_EQ(ReadFrom(path, "2"), "b ");
    EXPECT_EQ(ReadFrom(path, "4"), "");
    EXPECT_EQ(ReadFrom(path, "5"),
              path +
                  ": the checkpoint goes on at byte 5 and the file has 4: it was shortened or "
                  "replaced, and what it held is lost");
  }
}

}  // namespace
}  // namespace rhei

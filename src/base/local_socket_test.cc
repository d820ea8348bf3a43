#include "base/local_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/env.h"

namespace rhei {
namespace {

class LocalSocketTest : public ::testing::Test {
 protected:
  LocalSocketTest() {
    char name[] = "/tmp/rhei-socket-XXXXXX";
    root_ = mkdtemp(name);
  }
  ~LocalSocketTest() override { (void)!system(("rm -rf " + root_).c_str()); }

  static int ModeOf(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
  }
  std::string root_;
};

std::string ReadAll(LocalConnection* connection, size_t size) {
  std::string text;
  char buffer[64];
  while (text.size() < size) {
    const Result<size_t> got = connection->Read(buffer, sizeof(buffer), 1'000'000);
    if (!got.ok() || *got == 0) break;
    text.append(buffer, *got);
  }
  return text;
}

TEST_F(LocalSocketTest, TalksBothWays) {
  for (const std::string& folder : {root_ + "/a/rhei", root_ + "/" + std::string(150, 'x')}) {
    ASSERT_TRUE(MakePrivateDirectory(folder).ok());
    EXPECT_EQ(ModeOf(folder), 0700);
    const std::string path = folder + "/1.sock";
    Result<std::unique_ptr<LocalListener>> listener = ListenLocal(path);
    ASSERT_TRUE(listener.ok()) << listener.status().message();
    EXPECT_EQ(ModeOf(path), 0600);
    EXPECT_EQ(*(*listener)->Accept(0), nullptr);
    Result<std::unique_ptr<LocalConnection>> client = ConnectLocal(path);
    ASSERT_TRUE(client.ok()) << client.status().message();
    Result<std::unique_ptr<LocalConnection>> served = (*listener)->Accept(1'000'000);
    ASSERT_TRUE(served.ok() && *served != nullptr);
    char buffer[8];
    EXPECT_EQ(*(*client)->Read(buffer, sizeof(buffer), 0), 0U);
    ASSERT_TRUE((*client)->Write("ping", 0).ok());
    EXPECT_EQ(ReadAll(served->get(), 4), "ping");
    ASSERT_TRUE((*served)->Write("pong", 0).ok());
    EXPECT_EQ(ReadAll(client->get(), 4), "pong");
    served->reset();
    EXPECT_EQ((*client)->Read(buffer, sizeof(buffer), 1'000'000).status().code(), ErrorCode::kIo);
    listener->reset();
    EXPECT_EQ(ModeOf(path), -1);
  }
}

TEST_F(LocalSocketTest, NothingWaitsForEver) {
  const std::string path = root_ + "/1.sock";
  const std::unique_ptr<LocalListener> listener = ListenLocal(path).value();
  const std::unique_ptr<LocalConnection> client = ConnectLocal(path).value();
  const std::unique_ptr<LocalConnection> served = listener->Accept(1'000'000).value();
  // A peer that does not read.
  const std::string much(size_t{1} << 22, 'x');
  EXPECT_EQ(served->Write(much, 10'000).message(), path + ": the other side does not read");
  // One that is told to stop while it waits.
  class Cutting final : public Threads::Work {
   public:
    explicit Cutting(LocalConnection* connection) : connection_(connection) {}
    void Run() override {
      RealEnvironment().clock->SleepMicros(50'000);
      connection_->Shutdown();
    }

   private:
    LocalConnection* connection_;
  };
  const std::unique_ptr<Thread> cutting =
      RealEnvironment().threads->Start("cutting", std::make_unique<Cutting>(served.get()));
  EXPECT_EQ(served->Write(much, 60'000'000).message(), path + ": closed");
  char buffer[8];
  EXPECT_EQ(served->Read(buffer, sizeof(buffer), 60'000'000).status().message(), path + ": closed");
  // A listener that does not accept: its queue fills.
  std::vector<std::unique_ptr<LocalConnection>> queued;
  while (queued.size() < 1000) {
    Result<std::unique_ptr<LocalConnection>> next = ConnectLocal(path, 10'000);
    if (!next.ok()) {
      EXPECT_EQ(next.status().message(), path + ": the process does not answer");
      break;
    }
    queued.push_back(std::move(next).value());
  }
  EXPECT_LT(queued.size(), 1000U);
}

TEST_F(LocalSocketTest, NobodyListens) {
  EXPECT_EQ(ConnectLocal(root_ + "/none.sock").status().code(), ErrorCode::kNotFound);
  // A file that a killed process left behind: nobody answers, and the next one replaces it.
  const std::string path = root_ + "/left.sock";
  {
    Result<std::unique_ptr<LocalListener>> listener = ListenLocal(path);
    ASSERT_TRUE(listener.ok());
    ASSERT_EQ(link(path.c_str(), (path + "2").c_str()), 0);
  }
  ASSERT_EQ(rename((path + "2").c_str(), path.c_str()), 0);
  EXPECT_EQ(ConnectLocal(path).status().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(ListenLocal(path).ok());
}

TEST_F(LocalSocketTest, ADirectoryThatIsOpenToOthersIsClosed) {
  ASSERT_EQ(mkdir((root_ + "/open").c_str(), 0777), 0);
  ASSERT_EQ(chmod((root_ + "/open").c_str(), 0777), 0);
  ASSERT_TRUE(MakePrivateDirectory(root_ + "/open").ok());
  EXPECT_EQ(ModeOf(root_ + "/open"), 0700);
  EXPECT_FALSE(MakePrivateDirectory("/proc/self/status").ok());
}

}  // namespace
}  // namespace rhei

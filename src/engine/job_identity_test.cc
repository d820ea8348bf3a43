#include "engine/job_identity.h"

#include <gtest/gtest.h>

#include <set>

namespace rhei {
namespace {

TEST(JobIdentity, IsTheNameElseThePath) {
  EXPECT_FALSE(IdentifyJob({}).has_value());
  const auto by_path = IdentifyJob({.script_path = "/home/ann/job.sql", .sinks = {"a.b.c"}});
  ASSERT_TRUE(by_path.has_value());
  EXPECT_EQ(by_path->text, "/home/ann/job.sql");
  // Fixed: a change of the hash would lose the checkpoints of every job.
  EXPECT_EQ(by_path->folder.substr(0, 8), "job.sql-");
  EXPECT_EQ(by_path->folder.size(), 8 + 16U);
  const auto by_name = IdentifyJob({.pipeline_name = "clicks", .script_path = "/home/ann/job.sql"});
  EXPECT_EQ(by_name->text, "clicks");
  // The sink says nothing where the file has one job.
  EXPECT_EQ(IdentifyJob({.script_path = "/home/ann/job.sql", .sinks = {"a.b.d"}})->folder,
            by_path->folder);
}

TEST(JobIdentity, TellsApart) {
  std::set<std::string> folders;
  const auto add = [&](const IdentityRequest& request) {
    return folders.insert(IdentifyJob(request)->folder).second;
  };
  EXPECT_TRUE(add({.script_path = "/a/job.sql"}));
  EXPECT_TRUE(add({.script_path = "/b/job.sql"}));
  EXPECT_TRUE(add({.pipeline_name = "/a/job.sql"}));
  EXPECT_TRUE(add({.script_path = "/a/job.sql", .sinks = {"x"}, .several = true}));
  EXPECT_TRUE(add({.script_path = "/a/job.sql", .sinks = {"y"}, .several = true}));
  EXPECT_TRUE(add({.script_path = "/a/job.sql", .sinks = {"y"}, .several = true, .repeated = 1}));
  EXPECT_FALSE(add({.script_path = "/a/job.sql", .sinks = {"y"}, .several = true}));
}

TEST(JobIdentity, TheFolderIsAPlainName) {
  const std::string long_name(500, 'x');
  for (const std::string& name : {std::string("../../etc"), std::string("a b/ü?"),
                                  std::string(".."), std::string(".hidden"), long_name}) {
    const std::string folder = IdentifyJob({.pipeline_name = name})->folder;
    EXPECT_EQ(folder.find('/'), std::string::npos) << folder;
    EXPECT_NE(folder[0], '.') << folder;
    EXPECT_LE(folder.size(), 48 + 17U) << folder;
  }
}

TEST(JobIdentity, LocalPaths) {
  EXPECT_EQ(*LocalPathOf("/data/cp"), "/data/cp");
  EXPECT_EQ(*LocalPathOf("cp/x:y"), "cp/x:y");
  EXPECT_EQ(*LocalPathOf("file:///data/cp"), "/data/cp");
  EXPECT_EQ(*LocalPathOf("file:/data/cp"), "/data/cp");
  EXPECT_EQ(*LocalPathOf("file://localhost/data"), "/data");
  EXPECT_FALSE(LocalPathOf("file://other/data").ok());
  EXPECT_EQ(LocalPathOf("s3://bucket/cp").status().code(), ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace rhei

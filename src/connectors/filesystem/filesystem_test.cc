#include "connectors/filesystem/filesystem.h"

#include <gtest/gtest.h>

#include "columnar/batch_builder.h"
#include "connectors/filesystem/paths.h"
#include "runtime/connector.h"

namespace rhei {
namespace {

// What a scan gives for partition column `p` of a file in the directory "p=TEXT".
Result<Value> ReadPartition(const std::string& text, const DataType& type,
                            const std::string& default_name = "") {
  SourceRequest request;
  request.options = {{"connector", "filesystem"}, {"path", "/data/t"}, {"format", "csv"}};
  if (!default_name.empty()) request.options["partition.default-name"] = default_name;
  request.metadata = {{"partition.p", type, false}};
  RecordChunk chunk;
  chunk.split_name = "/data/t/p=" + text + "/part-0";
  std::vector<Column> columns;
  const int32_t records[] = {0};
  RETURN_IF_ERROR(FilesystemConnector()->FillMetadata(request, chunk, records, &columns));
  return GetValue(columns[0], 0, type);
}

TEST(FilesystemPartition, ValuesOfPaths) {
  EXPECT_EQ(ReadPartition("a%2Fb c", DataType::String())->text(), "a/b c");
  EXPECT_EQ(ReadPartition("-7", DataType::BigInt())->int_value(), -7);
  EXPECT_EQ(ReadPartition("1970-01-03", DataType::Date())->int_value(), 2);
  EXPECT_EQ(ReadPartition("00%3A00%3A01", DataType::Time(0))->int_value(), 1000);
  // As Flink writes them.
  EXPECT_EQ(ReadPartition("1970-01-01T00%3A00%3A01.500", DataType::Timestamp(3))->int_value(),
            1'500'000);
  EXPECT_EQ(ReadPartition("1970-01-01T00%3A00", DataType::Timestamp(9))->time9_value().micros, 0);
  EXPECT_FALSE(ReadPartition("x", DataType::Int()).ok());
  EXPECT_FALSE(ReadPartition("x", DataType::Timestamp(3)).ok());
}

TEST(FilesystemPartition, TheDefaultNameIsNull) {
  EXPECT_TRUE(ReadPartition("__DEFAULT_PARTITION__", DataType::String())->is_null());
  EXPECT_TRUE(ReadPartition("none", DataType::Int(), "none")->is_null());
  EXPECT_EQ(ReadPartition("__DEFAULT_PARTITION__", DataType::String(), "none")->text(),
            "__DEFAULT_PARTITION__");
}

TEST(FilesystemPartition, WhatIsWrittenIsRead) {
  for (const std::string text : {"a", "a b", "a/b", "k=v", "100%", "\"", "x:y", "ü", "a\nb"}) {
    EXPECT_EQ(ReadPartition(EscapePartition(text, "none"), DataType::String())->text(), text);
  }
  EXPECT_EQ(EscapePartition("", "none"), "none");
}

}  // namespace
}  // namespace rhei

#include "operators/row_writer.h"

#include <gtest/gtest.h>

#include <string>

namespace rhei {
namespace {

// Long texts, of the batch and of stored rows, stay what they are when both are gone.
TEST(RowWriter, KeepsWhatItsRowsPointTo) {
  const Schema schema{{{"a", DataType::String(), ""}, {"n", DataType::BigInt(), ""}}};
  const RowCodec codec({DataType::String(), DataType::BigInt()});
  OutputQueue queue;
  queue.Open(64, nullptr);
  RowWriter writer(schema, &queue, 64, nullptr);
  std::vector<std::string> expected;
  for (int64_t i = 0; i < 200; ++i) {
    const std::string text = std::to_string(i) + std::string(i % 3 == 0 ? 2000 : 3, 'x');
    BatchBuilder builder(schema);
    builder.AppendRow(std::vector<Value>{Value::Text(text), Value::Int(i)});
    const Batch batch = builder.Finish();
    std::string stored;
    const Column* columns[] = {&batch.columns[0], &batch.columns[1]};
    codec.Encode(columns, 0, &stored);
    writer.Input(batch, 0);
    writer.Finish(ChangeKind::kInsert);
    writer.Stored(codec, stored);
    writer.Finish(ChangeKind::kDelete);
    stored.assign(stored.size(), '?');
    expected.push_back("+I[" + text + ", " + std::to_string(i) + "]");
    expected.push_back("-D[" + text + ", " + std::to_string(i) + "]");
  }
  writer.Flush();
  std::vector<std::string> rows;
  while (!queue.empty()) {
    PulledBatch pulled;
    queue.Pull(&pulled);
    for (int32_t row = 0; row < pulled.batch.row_count; ++row) {
      rows.push_back(DebugRow(pulled.batch, row, schema));
    }
  }
  EXPECT_EQ(rows, expected);
}

}  // namespace
}  // namespace rhei

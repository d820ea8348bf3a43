#include <algorithm>
#include <deque>
#include <mutex>

#include "columnar/column.h"
#include "connectors/kafka/kafka_headers.h"
#include "connectors/kafka/kafka_sink.h"
#include "types/temporal.h"

namespace rhei {
namespace {

// Encoded bytes that may wait for the producer before the shard is held back.
constexpr int64_t kQueueBytesMax = 16 << 20;
constexpr int64_t kPollMicros = 5000;

class KafkaWriter final : public SinkWriter, public IoWork {
 public:
  KafkaWriter(KafkaSinkOptions options, std::unique_ptr<Encoder> key,
              std::unique_ptr<Encoder> value, std::unique_ptr<KafkaProducer> producer,
              WakeupService* wakeup)
      : options_(std::move(options)),
        key_(std::move(key)),
        value_(std::move(value)),
        producer_(std::move(producer)),
        wakeup_(wakeup) {}

  void Start(IoService* io) { handle_ = io->Start("kafka-sink", this); }

  // Shard side.

  Result<WriteResult> Write(const Batch& batch, uint64_t /*epoch*/) override {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_.ok()) return failure_;
      if (queued_bytes_ > kQueueBytesMax) {
        wants_wake_ = true;
        return WriteResult::kFull;
      }
    }
    Command command;
    RETURN_IF_ERROR(Encode(value_.get(), options_.value_columns, batch, &command.values));
    if (key_ != nullptr) {
      RETURN_IF_ERROR(Encode(key_.get(), options_.key_columns, batch, &command.keys));
    }
    AddTimestamps(batch, &command);
    AddHeaders(batch, &command);
    {
      const std::lock_guard lock(mutex_);
      queued_bytes_ += command.bytes();
      queue_.push_back(std::move(command));
    }
    handle_->Resume();
    return WriteResult::kWritten;
  }

  Result<std::unique_ptr<std::string>> Seal(uint64_t epoch) override {
    const std::lock_guard lock(mutex_);
    if (!failure_.ok()) return failure_;
    if (sealed_epoch_ == epoch) {
      sealed_epoch_ = 0;
      return std::make_unique<std::string>();
    }
    if (sealing_epoch_ != epoch) {
      sealing_epoch_ = epoch;
      Command& command = queue_.emplace_back();
      command.seal_epoch = epoch;
      handle_->Resume();
    }
    wants_wake_ = true;
    return std::unique_ptr<std::string>();
  }

  Status Close() override {
    handle_.reset();
    return {};
  }

  // I/O side.

  IoResult Step(int64_t wait_micros) override {
    const Result<IoResult> result = Work(wait_micros);
    if (result.ok()) return *result;
    const std::lock_guard lock(mutex_);
    failure_ = result.status().WithContext("kafka sink");
    wakeup_->WakeNow();
    return IoResult::kDone;
  }

 private:
  // Rows to send, or a seal behind those before it.
  struct Command {
    EncodeOutput values;
    EncodeOutput keys;                   // no records: no keys
    std::vector<int64_t> timestamps_ms;  // empty: none
    std::string header_bytes;
    std::vector<ByteSpan> headers;  // empty: none
    size_t next_row = 0;
    uint64_t seal_epoch = 0;
    int64_t bytes() const {
      return static_cast<int64_t>(values.bytes.size() + keys.bytes.size() + header_bytes.size() +
                                  values.records.size() * sizeof(ByteSpan));
    }
  };

  static Status Encode(Encoder* encoder, const std::vector<size_t>& columns, const Batch& batch,
                       EncodeOutput* out) {
    Batch part;
    part.row_count = batch.row_count;
    part.changes = batch.changes;
    for (const size_t column : columns) part.columns.push_back(batch.columns[column]);
    return encoder->Encode(part, out);
  }

  void AddTimestamps(const Batch& batch, Command* command) const {
    if (options_.timestamp_column < 0) return;
    const Column& column = batch.columns[static_cast<size_t>(options_.timestamp_column)];
    const ColumnReader<int64_t> micros(column);
    command->timestamps_ms.reserve(static_cast<size_t>(batch.row_count));
    for (int32_t row = 0; row < batch.row_count; ++row) {
      command->timestamps_ms.push_back(micros.IsNull(row) ? -1 : FloorDiv(micros[row], 1000));
    }
  }

  void AddHeaders(const Batch& batch, Command* command) const {
    if (options_.headers_column < 0) return;
    const Column column = Flatten(batch.columns[static_cast<size_t>(options_.headers_column)]);
    const auto* ends = column.data<int32_t>();
    const ColumnReader<StringView> names(column.children[0]), values(column.children[1]);
    for (int32_t row = 0; row < batch.row_count; ++row) {
      const size_t start = command->header_bytes.size();
      for (int32_t i = ends[row]; i < ends[row + 1]; ++i) {
        if (names.IsNull(i)) continue;
        const std::string_view value = values.IsNull(i) ? std::string_view() : values[i].view();
        WriteKafkaHeader(names[i].view(), value.data(),
                         values.IsNull(i) ? -1 : static_cast<int32_t>(value.size()),
                         &command->header_bytes);
      }
      command->headers.push_back({static_cast<uint32_t>(start),
                                  static_cast<uint32_t>(command->header_bytes.size() - start)});
    }
  }

  Result<IoResult> Work(int64_t wait_micros) {
    if (partition_count_ == 0) {
      // First of all, so that a broker that is away or a missing topic shows at the start.
      ASSIGN_OR_RETURN(partition_count_, producer_->PartitionCount());
    }
    RETURN_IF_ERROR(producer_->Poll(0));
    Command* command = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (!queue_.empty()) command = &queue_.front();  // a deque keeps its place
    }
    if (command == nullptr) {
      if (producer_->unacknowledged() == 0) return IoResult::kPause;
      RETURN_IF_ERROR(producer_->Poll(std::min(wait_micros, kPollMicros)));
      return IoResult::kAgain;
    }
    if (command->seal_epoch != 0) {
      if (producer_->unacknowledged() > 0) {
        RETURN_IF_ERROR(producer_->Poll(std::min(wait_micros, kPollMicros)));
        return IoResult::kAgain;
      }
      const std::lock_guard lock(mutex_);
      sealed_epoch_ = command->seal_epoch;
      queue_.pop_front();
      wants_wake_ = false;
      wakeup_->WakeNow();
      return IoResult::kAgain;
    }
    ASSIGN_OR_RETURN(const bool all, SendRows(command));
    if (!all) {
      RETURN_IF_ERROR(producer_->Poll(std::min(wait_micros, kPollMicros)));
      return IoResult::kAgain;
    }
    const std::lock_guard lock(mutex_);
    queued_bytes_ -= command->bytes();
    queue_.pop_front();
    if (wants_wake_ && queued_bytes_ <= kQueueBytesMax / 2) {
      wants_wake_ = false;
      wakeup_->WakeNow();
    }
    return IoResult::kAgain;
  }

  // False: the producer is full.
  Result<bool> SendRows(Command* command) {
    const auto text = [](const std::string& bytes, const ByteSpan& span) {
      return span.is_null() ? std::string_view()
                            : std::string_view(bytes).substr(span.offset, span.size);
    };
    KafkaRecord record;
    if (options_.partitioner == KafkaPartitioner::kFixed) {
      record.partition = options_.shard % partition_count_;
    }
    for (; command->next_row < command->values.records.size(); ++command->next_row) {
      const size_t row = command->next_row;
      const ByteSpan& value = command->values.records[row];
      record.has_value = !value.is_null();
      record.value = text(command->values.bytes, value);
      if (!command->keys.records.empty()) {
        record.has_key = !command->keys.records[row].is_null();
        record.key = text(command->keys.bytes, command->keys.records[row]);
      }
      if (!command->timestamps_ms.empty()) record.timestamp_ms = command->timestamps_ms[row];
      if (!command->headers.empty()) {
        record.headers = text(command->header_bytes, command->headers[row]);
      }
      ASSIGN_OR_RETURN(const bool taken, producer_->Send(record));
      if (!taken) return false;
    }
    return true;
  }

  const KafkaSinkOptions options_;
  std::unique_ptr<Encoder> key_;
  std::unique_ptr<Encoder> value_;
  std::unique_ptr<KafkaProducer> producer_;  // the I/O side's
  WakeupService* wakeup_;
  int32_t partition_count_ = 0;  // the I/O side's
  // Both sides.
  std::mutex mutex_;
  std::deque<Command> queue_;
  int64_t queued_bytes_ = 0;
  bool wants_wake_ = false;
  uint64_t sealing_epoch_ = 0;
  uint64_t sealed_epoch_ = 0;
  Status failure_;
  std::unique_ptr<IoHandle> handle_;  // last: no step runs once it is gone
};

}  // namespace

std::unique_ptr<SinkWriter> MakeKafkaWriter(KafkaSinkOptions options, std::unique_ptr<Encoder> key,
                                            std::unique_ptr<Encoder> value,
                                            std::unique_ptr<KafkaProducer> producer,
                                            WakeupService* wakeup, IoService* io) {
  auto writer = std::make_unique<KafkaWriter>(std::move(options), std::move(key), std::move(value),
                                              std::move(producer), wakeup);
  writer->Start(io);
  return writer;
}

}  // namespace rhei

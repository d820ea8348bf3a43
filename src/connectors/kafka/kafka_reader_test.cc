// The reader with a client that plays a script: gaps, repeats, stops and the two directions of
// positions. And the pure parts: properties and positions. The broker's side is tests/kafka.
#include <deque>

#include <gtest/gtest.h>

#include "connectors/kafka/kafka_source.h"

namespace rhei {
namespace {

class ScriptedConsumer final : public KafkaConsumer {
 public:
  struct Log {
    std::vector<std::string> lines;
    std::deque<std::vector<KafkaMessage>> fetches;
    Status commit;
  };
  explicit ScriptedConsumer(Log* log) : log_(log) {}
  Status Start(const KafkaPartition& partition, int64_t offset, int32_t number) override {
    log_->lines.push_back("start " + partition.Name() + "@" + std::to_string(offset) + " as " +
                          std::to_string(number));
    return {};
  }
  Status Stop(int32_t number) override {
    log_->lines.push_back("stop " + std::to_string(number));
    return {};
  }
  Status Fetch(int64_t, std::vector<KafkaMessage>* messages) override {
    messages->clear();
    if (log_->fetches.empty()) return {};
    *messages = std::move(log_->fetches.front());
    log_->fetches.pop_front();
    return {};
  }
  Status Commit(const std::vector<std::pair<KafkaPartition, int64_t>>& positions) override {
    for (const auto& [partition, offset] : positions) {
      log_->lines.push_back("commit " + partition.Name() + "@" + std::to_string(offset));
    }
    return log_->commit;
  }

 private:
  Log* log_;
};

class Lines final : public OutputStream {
 public:
  Status Write(std::string_view text) override {
    all += text;
    return {};
  }
  std::string all;
};

KafkaMessage Record(int32_t number, int64_t offset, std::string_view value) {
  KafkaMessage message;
  message.number = number;
  message.offset = offset;
  message.has_value = true;
  message.value = value;
  return message;
}

KafkaMessage EndAt(int32_t number, int64_t offset) {
  KafkaMessage message;
  message.number = number;
  message.offset = offset;
  message.at_end = true;
  return message;
}

class KafkaReaderTest : public testing::Test {
 protected:
  KafkaReaderTest()
      : reader_(MakeKafkaReader(std::make_unique<ScriptedConsumer>(&log_), true, true, false,
                                &warnings_, nullptr)) {}

  // "0:5=a,6=b" for a chunk, "end 0" for the end of a split, "" for nothing.
  std::string Next() {
    RecordChunk chunk;
    const Result<PollResult> polled = reader_->Poll(0, &chunk);
    EXPECT_TRUE(polled.ok());
    if (*polled == PollResult::kNothing) return "";
    if (*polled == PollResult::kSplitEnd) return "end " + std::to_string(chunk.split);
    std::string text = std::to_string(chunk.split) + ":";
    for (size_t i = 0; i < chunk.record_count(); ++i) {
      if (i > 0) text += ",";
      text += std::to_string(chunk.offsets[i]) + "=";
      const ByteSpan value = chunk.values[i];
      text +=
          value.is_null() ? "null" : std::string(chunk.buffer->chars() + value.offset, value.size);
    }
    EXPECT_EQ(chunk.next_offset, chunk.offsets.back() + 1);
    return text;
  }

  ScriptedConsumer::Log log_;
  Lines warnings_;
  std::unique_ptr<SourceReader> reader_;
};

TEST_F(KafkaReaderTest, GathersByPartitionAndDropsRepeats) {
  ASSERT_TRUE(reader_->AddSplit({"my-topic-0", "5"}, 0).ok());
  ASSERT_TRUE(reader_->AddSplit({"my-topic-1", "0"}, 1).ok());
  EXPECT_EQ(log_.lines,
            (std::vector<std::string>{"start my-topic/0@5 as 0", "start my-topic/1@0 as 1"}));
  KafkaMessage null_value = Record(1, 1, "");
  null_value.has_value = false;
  log_.fetches.push_back({Record(0, 4, "old"), Record(0, 5, "a"), Record(1, 0, "x"),
                          Record(0, 6, "b"), null_value, Record(0, 6, "again")});
  log_.fetches.push_back({Record(0, 6, "again"), Record(0, 9, "gap")});
  EXPECT_EQ(Next(), "0:5=a,6=b");
  EXPECT_EQ(Next(), "1:0=x,1=null");
  EXPECT_EQ(Next(), "0:9=gap");
  EXPECT_EQ(Next(), "");
}

TEST_F(KafkaReaderTest, EndsAtTheStopEvenWhenTheLastOffsetsHaveNoRecord) {
  ASSERT_TRUE(reader_->AddSplit({"t-0", "0/2"}, 0).ok());
  ASSERT_TRUE(reader_->AddSplit({"t-1", "0/5"}, 1).ok());
  ASSERT_TRUE(reader_->AddSplit({"t-2", "0/5"}, 2).ok());
  ASSERT_TRUE(reader_->AddSplit({"t-3", "7/7"}, 3).ok());
  EXPECT_EQ(Next(), "end 3");
  // 0: the record before the stop. 1: a record behind it. 2: no more records, after a gap.
  log_.fetches.push_back({Record(0, 0, "a"), Record(0, 1, "b"), Record(0, 2, "no"),
                          Record(1, 3, "c"), Record(1, 6, "no"), Record(2, 1, "d"), EndAt(2, 5)});
  EXPECT_EQ(Next(), "0:0=a,1=b");
  EXPECT_EQ(Next(), "1:3=c");
  EXPECT_EQ(Next(), "2:1=d");
  EXPECT_EQ(Next(), "end 0");
  EXPECT_EQ(Next(), "end 1");
  EXPECT_EQ(Next(), "end 2");
  EXPECT_EQ(log_.lines.size(), 6u);  // three starts, three stops
}

TEST_F(KafkaReaderTest, IsCaughtUpAtTheEndUntilMoreComes) {
  ASSERT_TRUE(reader_->AddSplit({"t-0", "0"}, 0).ok());
  EXPECT_FALSE(reader_->CaughtUp(0));
  log_.fetches.push_back({EndAt(0, 0)});
  EXPECT_EQ(Next(), "");
  EXPECT_TRUE(reader_->CaughtUp(0));
  log_.fetches.push_back({Record(0, 0, "a")});
  EXPECT_EQ(Next(), "0:0=a");
  EXPECT_FALSE(reader_->CaughtUp(0));
}

TEST_F(KafkaReaderTest, CommitsWhatChangedAndWarnsWhenItCannot) {
  ASSERT_TRUE(reader_->AddSplit({"t-0", "0/9"}, 0).ok());
  EXPECT_EQ(reader_->StateAfter(0, 4), "4/9");
  log_.lines.clear();
  ASSERT_TRUE(reader_->OnCheckpointComplete({{"t-0", "4/9"}, {"t-1", "2"}}).ok());
  ASSERT_TRUE(reader_->OnCheckpointComplete({{"t-0", "4/9"}, {"t-1", "3"}}).ok());
  EXPECT_EQ(log_.lines, (std::vector<std::string>{"commit t/0@4", "commit t/1@2", "commit t/1@3"}));
  log_.commit = IoError("no coordinator");
  ASSERT_TRUE(reader_->OnCheckpointComplete({{"t-0", "5/9"}}).ok());
  EXPECT_EQ(warnings_.all, "warning: kafka: no coordinator\n");
}

TEST_F(KafkaReaderTest, RefusesADamagedPosition) {
  EXPECT_FALSE(reader_->AddSplit({"t-0", "4x"}, 0).ok());
  EXPECT_FALSE(reader_->AddSplit({"t-0", ""}, 0).ok());
}

std::string ValueOf(const KafkaSettings& settings, std::string_view name) {
  for (const auto& [known, value] : settings) {
    if (known == name) return value;
  }
  return "none";
}

TEST(KafkaPropertiesTest, TranslatesJavaNames) {
  const Result<KafkaProperties> parsed = ParseKafkaProperties(
      {{"properties.bootstrap.servers", "a:1,b:2"},
       {"properties.security.protocol", "SASL_SSL"},
       {"properties.sasl.mechanism", "SCRAM-SHA-512"},
       {"properties.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" "
        "password=\"p\\\"w;=\";"},
       {"properties.ssl.truststore.type", "PEM"},
       {"properties.fetch.max.wait.ms", "50"},
       {"properties.max.poll.records", "10"},
       {"properties.acks", "1"},
       {"properties.buffer.memory", "1048576"}});
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  for (const KafkaSettings* settings : {&parsed->consumer, &parsed->producer}) {
    EXPECT_EQ(ValueOf(*settings, "security.protocol"), "sasl_ssl");
    EXPECT_EQ(ValueOf(*settings, "sasl.mechanisms"), "SCRAM-SHA-512");
    EXPECT_EQ(ValueOf(*settings, "sasl.username"), "u");
    EXPECT_EQ(ValueOf(*settings, "sasl.password"), "p\"w;=");
  }
  EXPECT_EQ(ValueOf(parsed->consumer, "fetch.wait.max.ms"), "50");
  EXPECT_EQ(ValueOf(parsed->consumer, "auto.offset.reset"), "error");
  EXPECT_EQ(parsed->records_max, 10);
  EXPECT_EQ(ValueOf(parsed->producer, "partitioner"), "murmur2_random");
  EXPECT_EQ(ValueOf(parsed->producer, "enable.idempotence"), "false");  // as Java with acks=1
  EXPECT_EQ(ValueOf(parsed->producer, "queue.buffering.max.kbytes"), "1024");
}

TEST(KafkaPropertiesTest, RefusesByNameAndNeverPrintsSecrets) {
  const auto message = [](const std::string& key, const std::string& value) {
    return ParseKafkaProperties({{"properties.bootstrap.servers", "a:1"}, {key, value}})
        .status()
        .message();
  };
  EXPECT_NE(message("properties.fetch.min.byte", "1").find("'fetch.min.bytes'"), std::string::npos);
  EXPECT_NE(message("properties.ssl.truststore.location", "a.jks").find("PEM"), std::string::npos);
  EXPECT_NE(message("properties.partitioner.class", "x").find("'sink.partitioner'"),
            std::string::npos);
  const std::string jaas = message("properties.sasl.jaas.config",
                                   "PlainLoginModule required username=\"u\" secret=\"hidden\";");
  EXPECT_NE(jaas.find("'secret'"), std::string::npos);
  EXPECT_EQ(jaas.find("hidden"), std::string::npos);
  const std::string bad = message("properties.fetch.min.bytes", "hidden");
  EXPECT_NE(bad.find("fetch.min.bytes"), std::string::npos);
  EXPECT_EQ(bad.find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace rhei

#include "connectors/kafka/kafka_properties.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "types/option_values.h"

namespace rhei {
namespace {

constexpr std::string_view kPrefix = "properties.";

enum class Side : uint8_t { kBoth, kConsumer, kProducer, kOwn };  // kOwn: handled by name below

struct Property {
  std::string_view java;
  std::string_view native;
  Side side = Side::kBoth;
};

constexpr Property kProperties[] = {
    {"bootstrap.servers", "bootstrap.servers"},
    {"client.id", "client.id"},
    {"client.rack", "client.rack", Side::kConsumer},
    {"security.protocol", "", Side::kOwn},
    {"sasl.mechanism", "sasl.mechanisms"},
    {"sasl.jaas.config", "", Side::kOwn},
    {"ssl.truststore.location", "ssl.ca.location"},
    {"ssl.truststore.certificates", "ssl.ca.pem"},
    {"ssl.truststore.type", "", Side::kOwn},
    {"ssl.keystore.location", "", Side::kOwn},
    {"ssl.keystore.type", "", Side::kOwn},
    {"ssl.keystore.password", "ssl.keystore.password"},
    {"ssl.keystore.certificate.chain", "ssl.certificate.pem"},
    {"ssl.keystore.key", "ssl.key.pem"},
    {"ssl.key.password", "ssl.key.password"},
    {"ssl.endpoint.identification.algorithm", "", Side::kOwn},
    {"ssl.cipher.suites", "ssl.cipher.suites"},
    {"connections.max.idle.ms", "connections.max.idle.ms"},
    {"metadata.max.age.ms", "topic.metadata.refresh.interval.ms"},
    {"reconnect.backoff.ms", "reconnect.backoff.ms"},
    {"reconnect.backoff.max.ms", "reconnect.backoff.max.ms"},
    {"retry.backoff.ms", "retry.backoff.ms"},
    {"request.timeout.ms", "socket.timeout.ms"},
    {"receive.buffer.bytes", "socket.receive.buffer.bytes"},
    {"send.buffer.bytes", "socket.send.buffer.bytes"},
    {"socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.ms"},
    {"group.id", "group.id", Side::kConsumer},
    {"auto.offset.reset", "", Side::kOwn},
    {"isolation.level", "isolation.level", Side::kConsumer},
    {"max.poll.records", "", Side::kOwn},
    {"max.poll.interval.ms", "max.poll.interval.ms", Side::kConsumer},
    {"session.timeout.ms", "session.timeout.ms", Side::kConsumer},
    {"heartbeat.interval.ms", "heartbeat.interval.ms", Side::kConsumer},
    {"enable.auto.commit", "", Side::kOwn},
    {"check.crcs", "check.crcs", Side::kConsumer},
    {"fetch.min.bytes", "fetch.min.bytes", Side::kConsumer},
    {"fetch.max.bytes", "fetch.max.bytes", Side::kConsumer},
    {"fetch.max.wait.ms", "fetch.wait.max.ms", Side::kConsumer},
    {"max.partition.fetch.bytes", "max.partition.fetch.bytes", Side::kConsumer},
    {"acks", "acks", Side::kProducer},
    {"retries", "retries", Side::kProducer},
    {"linger.ms", "linger.ms", Side::kProducer},
    {"batch.size", "batch.size", Side::kProducer},
    {"compression.type", "compression.type", Side::kProducer},
    {"enable.idempotence", "enable.idempotence", Side::kProducer},
    {"delivery.timeout.ms", "delivery.timeout.ms", Side::kProducer},
    {"max.in.flight.requests.per.connection", "max.in.flight.requests.per.connection",
     Side::kProducer},
    {"max.request.size", "message.max.bytes", Side::kProducer},
    {"buffer.memory", "", Side::kOwn},
};

// Settings that people have and that another option answers.
struct Refusal {
  std::string_view java;
  std::string_view instead;
};
constexpr Refusal kRefusals[] = {
    {"key.deserializer", "the formats of the table decide how bytes are read"},
    {"value.deserializer", "the formats of the table decide how bytes are read"},
    {"key.serializer", "the formats of the table decide how bytes are written"},
    {"value.serializer", "the formats of the table decide how bytes are written"},
    {"partition.discovery.interval.ms", "use 'scan.topic-partition-discovery.interval'"},
    {"partitioner.class", "use 'sink.partitioner'"},
    {"transactional.id", "use 'sink.transactional-id-prefix'"},
    {"auto.commit.interval.ms",
     "offsets are committed with every checkpoint; use 'execution.checkpointing.interval'"},
    {"group.instance.id", "the job deals the partitions itself"},
    {"partition.assignment.strategy", "the job deals the partitions itself"},
    {"ssl.truststore.password", "a PEM file of certificates has no password"},
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

Status Unknown(std::string_view key) {
  for (const Refusal& refusal : kRefusals) {
    if (refusal.java == key) {
      return InvalidArgument(
          fmt::format("option 'properties.{}' is not taken: {}", key, refusal.instead));
    }
  }
  std::vector<std::string_view> known;
  for (const Property& property : kProperties) known.push_back(property.java);
  return InvalidArgument(
      fmt::format("option 'properties.{}' is not supported by the connector 'kafka'.{}", key,
                  DidYouMean(key, known)));
}

// Takes one word, or one quoted text, off the front of a JAAS entry.
bool TakeWord(std::string_view* text, std::string_view ends, std::string* word) {
  while (!text->empty() && std::isspace(static_cast<unsigned char>(text->front())) != 0) {
    text->remove_prefix(1);
  }
  word->clear();
  if (!text->empty() && text->front() == '"') {
    text->remove_prefix(1);
    while (!text->empty() && text->front() != '"') {
      if (text->front() == '\\' && text->size() > 1) text->remove_prefix(1);
      word->push_back(text->front());
      text->remove_prefix(1);
    }
    if (text->empty()) return false;
    text->remove_prefix(1);
    return true;
  }
  while (!text->empty() && ends.find(text->front()) == std::string_view::npos &&
         std::isspace(static_cast<unsigned char>(text->front())) == 0) {
    word->push_back(text->front());
    text->remove_prefix(1);
  }
  return !word->empty();
}

// `a.b.PlainLoginModule required username="u" password="p";`
Status ParseJaas(std::string_view text, KafkaSettings* settings) {
  constexpr std::string_view kOption = "option 'properties.sasl.jaas.config'";
  std::string module, flag, name, value;
  if (!TakeWord(&text, ";", &module) || !TakeWord(&text, ";", &flag)) {
    return InvalidArgument(fmt::format(
        "{} is not of the form: MODULE required username=\"...\" password=\"...\";", kOption));
  }
  if (!module.ends_with("PlainLoginModule") && !module.ends_with("ScramLoginModule")) {
    return Unsupported(fmt::format(
        "{}: the login module '{}' is not supported yet; PlainLoginModule and ScramLoginModule are",
        kOption, module));
  }
  bool user = false, password = false;
  while (TakeWord(&text, "=;", &name)) {
    if (text.empty() || text.front() != '=') break;
    text.remove_prefix(1);
    if (!TakeWord(&text, ";", &value)) break;
    if (name == "username") {
      settings->emplace_back("sasl.username", value);
      user = true;
    } else if (name == "password") {
      settings->emplace_back("sasl.password", value);
      password = true;
    } else {
      return InvalidArgument(
          fmt::format("{}: '{}' is neither username nor password", kOption, name));
    }
  }
  if (user && password && (text.empty() || text.front() == ';')) return {};
  return InvalidArgument(
      fmt::format("{} needs username=\"...\" and password=\"...\", and ends with ';'", kOption));
}

std::string Find(const Options& options, std::string_view java) {
  const auto found = options.find(fmt::format("{}{}", kPrefix, java));
  return found == options.end() ? std::string() : found->second;
}

Status RefuseStore(std::string_view key) {
  return InvalidArgument(
      fmt::format("option 'properties.{}': a JKS store cannot be read; give a PEM file and '{}' = "
                  "'PEM' (keytool "
                  "-importkeystore and openssl pkcs12 make one)",
                  key, "properties.ssl.truststore.type"));
}

// Truststore and keystore, whose meaning depends on their types.
Status AddStores(const Options& options, KafkaSettings* settings) {
  const std::string trust_type = Find(options, "ssl.truststore.type");
  if (!trust_type.empty() && Lower(trust_type) != "pem") {
    return RefuseStore("ssl.truststore.type");
  }
  const std::string trust = Find(options, "ssl.truststore.location");
  if (trust.ends_with(".jks") || trust.ends_with(".p12")) {
    return RefuseStore("ssl.truststore.location");
  }
  const std::string keys = Find(options, "ssl.keystore.location");
  const std::string key_type = Lower(Find(options, "ssl.keystore.type"));
  if (keys.empty()) return {};
  if (key_type == "pkcs12" || (key_type.empty() && keys.ends_with(".p12"))) {
    settings->emplace_back("ssl.keystore.location", keys);
  } else if (key_type == "pem" || (key_type.empty() && keys.ends_with(".pem"))) {
    settings->emplace_back("ssl.certificate.location", keys);
    settings->emplace_back("ssl.key.location", keys);
  } else {
    return RefuseStore("ssl.keystore.location");
  }
  return {};
}

Status AddOwn(std::string_view key, const std::string& value, KafkaProperties* out,
              KafkaSettings* both) {
  if (key == "security.protocol") both->emplace_back("security.protocol", Lower(value));
  if (key == "sasl.jaas.config") return ParseJaas(value, both);
  if (key == "ssl.endpoint.identification.algorithm") {
    both->emplace_back(key, value.empty() ? "none" : Lower(value));
  }
  if (key == "auto.offset.reset") {
    out->auto_offset_reset = Lower(value);
    if (out->auto_offset_reset != "earliest" && out->auto_offset_reset != "latest" &&
        out->auto_offset_reset != "none") {
      return InvalidArgument("option 'properties.auto.offset.reset': earliest, latest or none");
    }
  }
  if (key == "enable.auto.commit") return ParseBoolOption(value).status();
  if (key == "max.poll.records") {
    ASSIGN_OR_RETURN(const int64_t records, ParseIntOption(value));
    if (records < 1) return InvalidArgument("option 'properties.max.poll.records': at least 1");
    out->records_max = static_cast<int32_t>(std::min<int64_t>(records, 65536));
  }
  if (key == "buffer.memory") {
    ASSIGN_OR_RETURN(const int64_t bytes, ParseIntOption(value));
    out->producer.emplace_back("queue.buffering.max.kbytes",
                               std::to_string(std::max<int64_t>(1, bytes / 1024)));
  }
  return {};
}

// What differs from Java in librdkafka, and what Rhei does itself. Settings of the user come after
// and win.
void AddDefaults(KafkaProperties* out) {
  for (KafkaSettings* settings : {&out->consumer, &out->producer}) {
    settings->emplace_back("socket.nagle.disable", "true");
    settings->emplace_back("log.connection.close", "false");
    settings->emplace_back("reconnect.backoff.max.ms", "2000");
  }
  // Positions are the job's: nothing is stored or committed behind its back.
  out->consumer.emplace_back("enable.auto.commit", "false");
  out->consumer.emplace_back("enable.auto.offset.store", "false");
  out->consumer.emplace_back("enable.partition.eof", "true");
  out->consumer.emplace_back("allow.auto.create.topics", "false");
  out->consumer.emplace_back("isolation.level", "read_committed");
  out->consumer.emplace_back("queued.max.messages.kbytes", "16384");
  out->consumer.emplace_back("fetch.wait.max.ms", "100");
  out->producer.emplace_back("enable.idempotence", "true");
  out->producer.emplace_back("partitioner", "murmur2_random");
  out->producer.emplace_back("delivery.timeout.ms", "120000");
  out->producer.emplace_back("queue.buffering.max.messages", "500000");
  out->producer.emplace_back("queue.buffering.max.kbytes", "65536");
}

void Set(KafkaSettings* settings, std::string_view name, std::string_view value) {
  for (auto& [known, old] : *settings) {
    if (known == name) {
      old = value;
      return;
    }
  }
  settings->emplace_back(name, value);
}

}  // namespace

Result<KafkaProperties> ParseKafkaProperties(const Options& options) {
  KafkaProperties out;
  AddDefaults(&out);
  KafkaSettings both;
  for (auto it = options.lower_bound(kPrefix);
       it != options.end() && it->first.starts_with(kPrefix); ++it) {
    const std::string_view key = std::string_view(it->first).substr(kPrefix.size());
    const auto* property = std::find_if(std::begin(kProperties), std::end(kProperties),
                                        [&](const Property& each) { return each.java == key; });
    if (property == std::end(kProperties)) return Unknown(key);
    if (property->side == Side::kOwn) {
      KafkaProperties own;
      own.records_max = out.records_max;
      own.auto_offset_reset = out.auto_offset_reset;
      const Status status = AddOwn(key, it->second, &own, &both);
      if (!status.ok()) return status;
      out.records_max = own.records_max;
      out.auto_offset_reset = own.auto_offset_reset;
      for (const auto& [name, value] : own.producer) Set(&out.producer, name, value);
      continue;
    }
    if (property->side != Side::kProducer) Set(&out.consumer, property->native, it->second);
    if (property->side != Side::kConsumer) Set(&out.producer, property->native, it->second);
  }
  RETURN_IF_ERROR(AddStores(options, &both));
  for (const auto& [name, value] : both) {
    Set(&out.consumer, name, value);
    Set(&out.producer, name, value);
  }
  out.servers = Find(options, "bootstrap.servers");
  if (out.servers.empty()) {
    return InvalidArgument(
        "One or more required options are missing.\n\nMissing required options are:\n\n"
        "properties.bootstrap.servers");
  }
  out.group_id = Find(options, "group.id");
  // As Java: fewer acknowledgements, or more in flight, mean no idempotence unless it is asked for.
  const std::string acks = Find(options, "acks");
  if (!acks.empty() && acks != "all" && acks != "-1" &&
      Find(options, "enable.idempotence").empty()) {
    Set(&out.producer, "enable.idempotence", "false");
  }
  const bool resets = out.auto_offset_reset == "earliest" || out.auto_offset_reset == "latest";
  Set(&out.consumer, "auto.offset.reset", resets ? out.auto_offset_reset : "error");
  for (const KafkaSettings* settings : {&out.consumer, &out.producer}) {
    RETURN_IF_ERROR(CheckKafkaSettings(*settings));
  }
  return out;
}

}  // namespace rhei

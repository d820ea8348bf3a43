// rhei demo: makes a day of access log, runs the clickstream job on it, shows what it finds, and
// has an independent program count again. With --log it runs the same job on the user's own log,
// with
// --kafka the log goes through a topic.
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/demo_files.h"
#include "cli/demo_log.h"
#include "connectors/kafka/kafka_client.h"

namespace rhei {
namespace {

void ReplaceAll(std::string* text, std::string_view from, std::string_view to) {
  for (size_t at = text->find(from); at != std::string::npos;
       at = text->find(from, at + to.size())) {
    text->replace(at, from.size(), to);
  }
}

std::string SqlString(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

constexpr int32_t kPartitions = 3;

class Demo {
 public:
  Demo(const DemoArguments& arguments, const Environment& env)
      : arguments_(arguments), env_(env), directory_(DirectoryToMake(arguments, env)) {}

  Result<ExitCode> Run() {
    const bool through_kafka = !arguments_.kafka.empty();
    if (env_.files->Stat(directory_).ok()) {
      return InvalidArgument(fmt::format(
          "{} exists already: remove it, or give another place with --dir", directory_));
    }
    // Before anything is written: a broker that does not answer leaves nothing behind.
    if (through_kafka) RETURN_IF_ERROR(MakeTopic());
    RETURN_IF_ERROR(env_.files->MakeDirectories(directory_));
    std::string log = arguments_.log;
    if (log.empty()) {
      const std::string made = directory_ + "/log";
      RETURN_IF_ERROR(env_.files->MakeDirectories(made));
      log = made + "/access.log";
      Talk(fmt::format("demo: writing {} lines of access log to {}\n", arguments_.lines, log));
      RETURN_IF_ERROR(WriteDemoLog({.lines = arguments_.lines, .seed = 1}, log, *env_.files));
    }
    if (through_kafka) {
      ASSIGN_OR_RETURN(const ExitCode sent, SendToTopic(log));
      if (sent != ExitCode::kOk) return sent;
    }
    RETURN_IF_ERROR(WriteFile(*env_.files, Script(), through_kafka ? KafkaSql() : FileSql(log)));
    Talk(
        fmt::format("demo: running {}\n"
                    "demo: hours appear as they are complete: from, to, page views, visitors, "
                    "bytes sent\n",
                    Script()));
    const int64_t start = env_.clock->MonotonicNanos();
    ScriptArguments script;
    script.session = arguments_.session;
    script.file = Script();
    script.counters_file = CountersFile();
    const ExitCode code = RunCommand(script, env_);
    if (code != ExitCode::kOk) return code;
    Talk(fmt::format("demo: done in {:.1f} s; results are in {}/out\n",
                     static_cast<double>(env_.clock->MonotonicNanos() - start) / 1e9, directory_));
    if (!arguments_.log.empty()) return code;
    return Check(log);
  }

 private:
  // A second demo does not touch what the first one has left to look at.
  static std::string DirectoryToMake(const DemoArguments& arguments, const Environment& env) {
    if (!arguments.directory.empty()) return arguments.directory;
    std::string name = "rhei-demo";
    for (int number = 2; env.files->Stat(name).ok(); ++number) {
      name = fmt::format("rhei-demo-{}", number);
    }
    return name;
  }

  void Talk(const std::string& text) { (void)env_.standard_error->Write(text); }
  std::string Script() const { return directory_ + "/clickstream.sql"; }
  std::string CountersFile() const { return directory_ + "/counters.json"; }

  std::string FileSql(const std::string& log) const {
    std::string sql(ClickstreamSql());
    ReplaceAll(&sql, "'path' = 'log'", "'path' = " + SqlString(log));
    ReplaceAll(&sql, "'path' = 'out/", "'path' = '" + directory_ + "/out/");
    return sql;
  }

  // Reads the topic from its beginning to where it ends now, so that the demo ends.
  std::string KafkaSql() const {
    std::string sql(ClickstreamKafkaSql());
    ReplaceAll(&sql, "'topic' = 'access_log'", "'topic' = " + SqlString(arguments_.topic));
    ReplaceAll(&sql, "'localhost:9092'", SqlString(arguments_.kafka));
    ReplaceAll(&sql, "  'properties.group.id'",
               "  'scan.startup.mode' = 'earliest-offset',\n"
               "  'scan.bounded.mode' = 'latest-offset',\n  'properties.group.id'");
    ReplaceAll(&sql, "'path' = 'out/", "'path' = '" + directory_ + "/out/");
    return sql;
  }

  Status MakeTopic() {
    KafkaClientConfig config;
    config.servers = arguments_.kafka;
    config.settings = {{"bootstrap.servers", arguments_.kafka}};
    config.clock = env_.clock;
    Status made = MakeKafkaAdmin(std::move(config))->CreateTopic(arguments_.topic, kPartitions);
    if (made.ok()) {
      Talk(
          fmt::format("demo: made topic '{}' with {} partitions\n", arguments_.topic, kPartitions));
    } else if (made.code() == ErrorCode::kInvalidArgument) {
      made = Status(made.code(), made.message() + " (another one: --topic NAME)");
    }
    return made;
  }

  Result<ExitCode> SendToTopic(const std::string& log) {
    Talk(fmt::format("demo: sending {} to topic '{}' at {}\n", log, arguments_.topic,
                     arguments_.kafka));
    ScriptArguments script;
    script.session = arguments_.session;
    script.has_text = true;
    script.text = fmt::format(
        "CREATE TABLE log_file (line STRING) WITH (\n"
        "  'connector' = 'filesystem', 'path' = {}, 'format' = 'raw');\n"
        "CREATE TABLE log_topic (line STRING) WITH (\n"
        "  'connector' = 'kafka', 'topic' = {}, 'properties.bootstrap.servers' = {},\n"
        "  'format' = 'raw');\n"
        "INSERT INTO log_topic SELECT line FROM log_file;\n",
        SqlString(log), SqlString(arguments_.topic), SqlString(arguments_.kafka));
    return RunCommand(script, env_);
  }

  Result<ExitCode> Check(const std::string& log) {
    const std::string script = directory_ + "/check.py";
    RETURN_IF_ERROR(WriteFile(*env_.files, script, ClickstreamCheck()));
    if (std::system("python3 -c '' 2>/dev/null") != 0) {
      Talk("demo: python3 is not installed, so nothing counted again\n");
      return ExitCode::kOk;
    }
    Talk(fmt::format("demo: counting again with Python ({})\n", script));
    std::string command = fmt::format("python3 '{}' '{}' '{}/out'", script, log, directory_);
    // Partitions interleave as they come, and so it is chance which lines are late.
    // With several shards or partitions it depends on their turns which lines are late.
    const int shards =
        arguments_.session.parallelism > 0 ? arguments_.session.parallelism : CoreCount();
    if (!arguments_.kafka.empty() || shards > 1) command += fmt::format(" '{}'", CountersFile());
    if (std::system(command.c_str()) != 0) {
      return DataError("the independent count differs from the job's results");
    }
    return ExitCode::kOk;
  }

  const DemoArguments& arguments_;
  const Environment& env_;
  const std::string directory_;
};

}  // namespace

ExitCode DemoCommand(const DemoArguments& arguments, const Environment& env) {
  if (!arguments.kafka.empty() && !arguments.log.empty()) {
    (void)env.standard_error->Write("rhei demo: --kafka sends the made-up log; leave out --log\n");
    return ExitCode::kUsage;
  }
  Demo demo(arguments, env);
  Result<ExitCode> code = demo.Run();
  if (code.ok()) return *code;
  (void)env.standard_error->Write("rhei demo: " + code.status().message() + "\n");
  return ExitCodeOf(code.status());
}

}  // namespace rhei

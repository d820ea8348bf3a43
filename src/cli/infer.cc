// rhei infer: a CREATE TABLE for the records of a JSON or CSV file, from its first 10,000 records.
// The statement goes to standard output, what it had to decide to standard error.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "catalog/print_ddl.h"
#include "cli/commands.h"
#include "cli/inferred_type.h"
#include "connectors/filesystem/file_source.h"
#include "formats/csv/csv_cells.h"
#include "formats/json/json_reader.h"

namespace rhei {
namespace {

constexpr int64_t kRecordsMax = 10'000;
constexpr int64_t kRecordBytesMax = int64_t{64} << 20;

// The first records of a file or of all files of a directory, as the connector would read them.
struct Sample {
  std::vector<RecordChunk> chunks;  // keep the bytes
  std::vector<std::string_view> records;
  std::vector<bool> starts_file;  // of each record
  bool more = false;              // there are more than these
};

Result<Sample> ReadSample(const std::string& path, const Framing& framing, int64_t records_max,
                          const Environment& env) {
  FileSourceOptions options;
  options.path = path;
  options.framing = framing;
  options.record_bytes_max = kRecordBytesMax;
  std::unique_ptr<SplitEnumerator> enumerator = MakeFileEnumerator(options, env.files);
  std::unique_ptr<SourceReader> reader = MakeFileReader(options, env.files, nullptr);
  bool finished = false;
  ASSIGN_OR_RETURN(const std::vector<SourceSplit> splits, enumerator->Discover(&finished));
  for (size_t i = 0; i < splits.size(); ++i) {
    RETURN_IF_ERROR(reader->AddSplit(splits[i], static_cast<int32_t>(i)));
  }
  Sample sample;
  for (size_t ended = 0; ended < splits.size();) {
    RecordChunk chunk;
    ASSIGN_OR_RETURN(const PollResult polled, reader->Poll(0, &chunk));
    if (polled == PollResult::kSplitEnd) ++ended;
    if (polled != PollResult::kChunk) continue;
    for (size_t i = 0; i < chunk.values.size(); ++i) {
      const ByteSpan span = chunk.values[i];
      if (static_cast<int64_t>(sample.records.size()) == records_max) {
        sample.more = true;
        break;
      }
      sample.records.emplace_back(chunk.buffer->chars() + span.offset, span.size);
      sample.starts_file.push_back(chunk.offsets[i] == 0);
    }
    sample.chunks.push_back(std::move(chunk));
    if (sample.more) break;
  }
  return sample;
}

// One JSON value into `type`; false when it is malformed.
bool AddJson(JsonReader* reader, size_t depth, InferredType* type) {
  if (depth > JsonReader::kDepthMax) return reader->Unexpected("fewer levels");
  const char c = reader->Peek();
  if (c == '"') {
    JsonString string;
    if (!reader->TakeString(&string)) return false;
    type->AddText(string.text);
    return true;
  }
  if (c == '-' || (c >= '0' && c <= '9')) {
    std::string_view number;
    bool is_float = false;
    if (!reader->TakeNumber(&number, &is_float)) return false;
    type->AddNumber(number);
    return true;
  }
  if (c == '[') {
    if (!reader->Take('[', "an array")) return false;
    InferredType* element = type->AddArray();
    if (reader->TakeIf(']')) return true;
    do {
      if (!AddJson(reader, depth + 1, element)) return false;
    } while (reader->TakeIf(','));
    return reader->Take(']', "',' or ']'");
  }
  if (c == '{') {
    if (!reader->Take('{', "an object")) return false;
    type->AddObject();
    if (reader->TakeIf('}')) return true;
    do {
      if (reader->Peek() != '"') return reader->Unexpected("a field name");
      JsonString key;
      if (!reader->TakeString(&key)) return false;
      std::string name;
      if (key.escaped) {
        UnescapeJson(key.text, &name);
      } else {
        name = key.text;
      }
      if (!reader->Take(':', "':'")) return false;
      if (!AddJson(reader, depth + 1, type->AddField(name))) return false;
    } while (reader->TakeIf(','));
    return reader->Take('}', "',' or '}'");
  }
  std::string_view word;
  if (!reader->TakeWord(&word)) return false;
  if (word != "null") type->AddBool();
  return true;
}

class Inference {
 public:
  Inference(const InferArguments& arguments, const Environment& env)
      : arguments_(arguments), env_(env) {}

  Status Run() {
    ASSIGN_OR_RETURN(const FileInfo info, env_.files->Stat(arguments_.file));
    ASSIGN_OR_RETURN(const std::string format, FormatOf(info));
    RETURN_IF_ERROR(format == "json" ? InferJson() : InferCsv());
    if (columns_.empty()) {
      return DataError(fmt::format("{}: no record to infer columns from", arguments_.file));
    }
    return env_.standard_output->Write(Statement(info));
  }

 private:
  void Talk(const std::string& text) { (void)env_.standard_error->Write("note: " + text + "\n"); }

  std::filesystem::path Name() const {
    std::filesystem::path name = std::filesystem::path(arguments_.file);
    if (!name.has_filename()) name = name.parent_path();
    name = name.filename();
    for (const char* compressed : {".gz", ".gzip", ".zst", ".zstd"}) {
      if (name.extension() == compressed) name = name.stem();
    }
    return name;
  }

  Result<std::string> FormatOf(const FileInfo& info) {
    if (!arguments_.format.empty()) return arguments_.format;
    const std::string ending = info.is_directory ? "" : Name().extension().string();
    if (ending == ".csv" || ending == ".tsv") return std::string("csv");
    if (ending == ".json" || ending == ".jsonl" || ending == ".ndjson") return std::string("json");
    ASSIGN_OR_RETURN(const Sample first, ReadSample(arguments_.file, Framing{}, 100, env_));
    for (const std::string_view record : first.records) {
      const size_t at = record.find_first_not_of(" \t");
      if (at != std::string_view::npos) return std::string(record[at] == '{' ? "json" : "csv");
    }
    return DataError(fmt::format("{}: empty, so its format is not known", arguments_.file));
  }

  Status InferJson() {
    ASSIGN_OR_RETURN(const Sample sample,
                     ReadSample(arguments_.file, Framing{}, kRecordsMax, env_));
    InferredType record_type;
    int64_t malformed = 0;
    std::string first_error;
    for (size_t i = 0; i < sample.records.size(); ++i) {
      JsonReader reader;
      reader.Start(sample.records[i]);
      if (reader.Peek() == '\0') continue;  // An empty line is no record.
      // Into a type of its own first would cost as much again; a record that breaks off has
      // fields that are right as far as they go.
      const bool is_object = reader.Peek() == '{';
      if (is_object && AddJson(&reader, 0, &record_type)) continue;
      if (malformed == 0) {
        first_error = is_object ? fmt::format("record {}, byte {}: {}", i + 1, reader.error_byte(),
                                              reader.error())
                                : fmt::format("record {} is not a JSON object", i + 1);
      }
      ++malformed;
    }
    if (malformed > 0 && !record_type.IsObject()) {
      return DataError(
          fmt::format("{}: {}; one JSON object a line is needed", arguments_.file, first_error));
    }
    if (malformed > 0) {
      Talk(
          fmt::format("{} of {} records are not JSON objects ({}); a query fails there unless "
                      "'rhei.on-error' = 'skip'",
                      malformed, sample.records.size(), first_error));
    }
    int sql = 0, iso = 0;
    record_type.CountTimestamps(&sql, &iso);
    if (iso > 0 && sql > 0) Talk("timestamps of the rarer of two styles are STRING");
    if (iso > sql) style_ = TimestampText::kIso;
    options_.emplace_back("format", "json");
    if (iso > sql) options_.emplace_back("json.timestamp-format.standard", "ISO-8601");
    record_type_ = std::move(record_type);
    for (const auto& [name, type] : record_type_.fields()) {
      if (!name.empty()) {
        columns_.emplace_back(name, &type);
      } else {
        Talk("the field with an empty name has no column");
      }
    }
    if (sample.more) Talk(fmt::format("types are those of the first {} records", kRecordsMax));
    return {};
  }

  // The delimiter that cuts the first lines into the most cells, the same number in each.
  Result<char> FindDelimiter() {
    ASSIGN_OR_RETURN(const Sample sample, ReadSample(arguments_.file, Framing{}, 50, env_));
    char best = Name().extension() == ".tsv" ? '\t' : ',';
    size_t best_cells = 1;
    for (const char delimiter : {',', ';', '\t', '|'}) {
      CsvOptions options;
      options.delimiter = delimiter;
      CsvReader reader(options);
      std::vector<CsvCell> cells;
      size_t fewest = SIZE_MAX;
      for (const std::string_view record : sample.records) {
        if (record.empty()) continue;
        reader.Start(record);
        if (reader.NextRow(&cells)) fewest = std::min(fewest, cells.size());
      }
      if (fewest == SIZE_MAX || fewest <= best_cells) continue;
      best = delimiter;
      best_cells = fewest;
    }
    return best;
  }

  Status InferCsv() {
    CsvOptions options;
    ASSIGN_OR_RETURN(options.delimiter, FindDelimiter());
    const Framing framing{.quote = options.quote, .delimiter = options.delimiter};
    ASSIGN_OR_RETURN(const Sample sample, ReadSample(arguments_.file, framing, kRecordsMax, env_));
    CsvReader reader(options);
    std::vector<CsvCell> cells;
    std::vector<std::string> first;
    std::vector<InferredType> types;
    std::vector<bool> empty_seen, first_again;
    bool any_row = false;
    for (size_t i = 0; i < sample.records.size(); ++i) {
      if (sample.records[i].empty()) continue;
      reader.Start(sample.records[i]);
      if (!reader.NextRow(&cells)) {
        Talk(
            fmt::format("record {}, byte {}: {}; a query fails there unless 'rhei.on-error' = "
                        "'skip'",
                        i + 1, reader.byte(), reader.error()));
        continue;
      }
      if (cells.size() > types.size()) {
        types.resize(cells.size());
        empty_seen.resize(cells.size(), false);
        first_again.resize(cells.size(), false);
      }
      if (first.empty()) {
        for (const CsvCell& cell : cells) first.emplace_back(cell.text);
        continue;
      }
      // Every file of a directory has the header.
      if (sample.starts_file[i] && sample.records[i] == sample.records[0]) continue;
      any_row = true;
      for (size_t c = 0; c < cells.size(); ++c) {
        if (c < first.size() && cells[c].text == first[c]) first_again[c] = true;
        if (cells[c].text.empty()) {
          empty_seen[c] = true;
        } else {
          types[c].AddCell(cells[c].text);
        }
      }
    }
    bool header = !arguments_.no_header && IsHeader(first, first_again, any_row);
    if (!header) {
      for (size_t c = 0; c < first.size(); ++c) {
        if (first[c].empty()) {
          empty_seen[c] = true;
        } else {
          types[c].AddCell(first[c]);
        }
      }
    }
    record_type_.AddObject();
    for (size_t c = 0; c < types.size(); ++c) {
      const std::string name = header && c < first.size() ? first[c] : fmt::format("f{}", c);
      *record_type_.AddField(name) = std::move(types[c]);
    }
    bool empty_as_null = false;
    for (size_t c = 0; c < record_type_.fields().size(); ++c) {
      const auto& [name, type] = record_type_.fields()[c];
      columns_.emplace_back(name, &type);
      empty_as_null |= empty_seen[c] && !type.IsText() && !type.empty();
    }
    options_.emplace_back("format", "csv");
    if (options.delimiter != ',') {
      options_.emplace_back("csv.field-delimiter",
                            options.delimiter == '\t' ? "\\t" : std::string(1, options.delimiter));
    }
    if (empty_as_null) options_.emplace_back("csv.empty-string-as-null", "true");
    if (header) {
      options_.emplace_back("rhei.skip-lines", "1");
      Talk("the first line is taken as the columns' names (--no-header when it is data)");
    }
    if (sample.more) Talk(fmt::format("types are those of the first {} records", kRecordsMax));
    return {};
  }

  // Names that are all different, no values, and no value of their own column.
  static bool IsHeader(const std::vector<std::string>& first, const std::vector<bool>& again,
                       bool any_row) {
    if (!any_row) return false;
    std::set<std::string> names;
    for (size_t c = 0; c < first.size(); ++c) {
      InferredType type;
      if (first[c].empty() || again[c] || !names.insert(first[c]).second) return false;
      type.AddCell(first[c]);
      if (!type.IsText()) return false;
    }
    return !first.empty();
  }

  std::string TableName() const {
    if (!arguments_.table.empty()) return arguments_.table;
    std::string name;
    for (const char c : Name().stem().string()) {
      const char lower = static_cast<char>(c | 0x20);
      const bool kept = (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') ||
                        (static_cast<unsigned char>(c) & 0x80) != 0;
      name += kept ? c : '_';
    }
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, "t_");
    return name;
  }

  std::string Statement(const FileInfo& info) const {
    std::string path = std::filesystem::absolute(arguments_.file).lexically_normal().string();
    while (info.is_directory && path.size() > 1 && path.ends_with('/')) path.pop_back();
    std::string text = "CREATE TABLE " + SqlName(TableName()) + " (\n";
    for (size_t c = 0; c < columns_.size(); ++c) {
      text += fmt::format("  {} {}{}\n", SqlName(columns_[c].first),
                          columns_[c].second->ToSql(style_), c + 1 < columns_.size() ? "," : "");
    }
    text += ") WITH (\n  'connector' = 'filesystem',\n";
    text += fmt::format("  'path' = {}", QuoteText(path));
    for (const auto& [key, value] : options_) {
      text += fmt::format(",\n  '{}' = {}", key, QuoteText(value));
    }
    return text + "\n);\n";
  }

  const InferArguments& arguments_;
  const Environment& env_;
  InferredType record_type_;
  std::vector<std::pair<std::string, const InferredType*>> columns_;
  std::vector<std::pair<std::string, std::string>> options_;
  TimestampText style_ = TimestampText::kSql;
};

}  // namespace

ExitCode InferCommand(const InferArguments& arguments, const Environment& env) {
  const Status status = Inference(arguments, env).Run();
  if (status.ok()) return ExitCode::kOk;
  (void)env.standard_error->Write("error: " + status.message() + "\n");
  return ExitCodeOf(status);
}

}  // namespace rhei

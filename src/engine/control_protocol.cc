#include "engine/control_protocol.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "binder/type_binder.h"
#include "columnar/batch_builder.h"
#include "formats/format.h"
#include "sql/parser.h"

namespace rhei {
namespace {

using Json = nlohmann::json;

constexpr size_t kFrameBytesMax = size_t{64} << 20;

Status BadFrame(std::string_view what) {
  return IoError(fmt::format("control socket: {}", what));
}

// Null (discarded) when it is no JSON.
Json Parse(std::string_view text) {
  return Json::parse(text, nullptr, false);
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Columns by number: names may repeat.
Schema Numbered(const Schema& schema) {
  Schema numbered = schema;
  for (size_t i = 0; i < numbered.fields.size(); ++i) {
    numbered.fields[i].name = fmt::format("c{}", i);
  }
  return numbered;
}

std::string TextOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int32_t NumberOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<int32_t>() : 0;
}

ErrorCode CodeOf(std::string_view name) {
  for (int code = 1; code <= static_cast<int>(ErrorCode::kStateMismatch); ++code) {
    if (ErrorCodeName(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  }
  return ErrorCode::kIo;
}

Result<ChangeKind> ChangeOf(std::string_view symbol) {
  for (const ChangeKind kind : {ChangeKind::kInsert, ChangeKind::kUpdateBefore,
                                ChangeKind::kUpdateAfter, ChangeKind::kDelete}) {
    if (ChangeKindSymbol(kind) == symbol) return kind;
  }
  return BadFrame("unknown kind of change");
}

}  // namespace

Result<std::optional<std::string>> FrameStream::Next(int64_t wait_micros) {
  size_t looked_at = 0;
  while (true) {
    const size_t end = pending_.find('\n', looked_at);
    if (end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return std::optional<std::string>(std::move(line));
    }
    looked_at = pending_.size();
    if (looked_at > kFrameBytesMax) {
      return Status(ErrorCode::kResource, "control socket: a frame is longer than 64 MB");
    }
    char buffer[1 << 16];
    ASSIGN_OR_RETURN(const size_t got, connection_->Read(buffer, sizeof(buffer), wait_micros));
    if (got == 0) return std::optional<std::string>();
    pending_.append(buffer, got);
  }
}

Status FrameStream::Send(std::string_view frame) {
  std::string line(frame);
  line += '\n';
  return connection_->Write(line, stall_micros_max_);
}

Result<std::string> EncodeRows(const Schema& schema, const Batch& rows) {
  const FormatDef* json = FindFormat("json");
  const Schema numbered = Numbered(schema);
  ASSIGN_OR_RETURN(const Options options,
                   CompleteOptions(*json, {{"map-null-key.mode", "LITERAL"}}, numbered));
  ASSIGN_OR_RETURN(std::unique_ptr<Encoder> encoder, json->make_encoder(options));
  RETURN_IF_ERROR(encoder->Open(numbered));
  EncodeOutput encoded;
  Batch plain = rows;
  plain.changes = nullptr;  // the kind travels beside the row
  RETURN_IF_ERROR(encoder->Encode(plain, &encoded));
  std::string frame = "{\"rows\":[";
  for (int32_t row = 0; row < rows.row_count; ++row) {
    const ByteSpan& record = encoded.records[static_cast<size_t>(row)];
    frame += fmt::format("{}[\"{}\",", row == 0 ? "" : ",", ChangeKindSymbol(rows.change(row)));
    frame.append(encoded.bytes, record.offset, record.size);
    frame += "]";
  }
  return frame + "]}";
}

Result<Batch> DecodeRows(const Schema& schema, std::string_view frame) {
  const Json json = Parse(frame);
  if (!json.is_object() || !json.contains("rows") || !json["rows"].is_array()) {
    return BadFrame("no rows");
  }
  RecordChunk chunk;
  chunk.split_name = "control socket";
  std::string bytes, changes;
  for (const Json& row : json["rows"]) {
    if (!row.is_array() || row.size() != 2 || !row[0].is_string() || !row[1].is_object()) {
      return BadFrame("a row is not [\"kind\", {cells}]");
    }
    ASSIGN_OR_RETURN(const ChangeKind kind, ChangeOf(row[0].get<std::string>()));
    changes += static_cast<char>(kind);
    const std::string record = Dump(row[1]);
    chunk.offsets.push_back(static_cast<int64_t>(chunk.values.size()));
    chunk.values.push_back(
        {static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(record.size())});
    bytes += record;
  }
  chunk.buffer = Buffer::CopyOf(bytes);
  const FormatDef* format = FindFormat("json");
  const Schema numbered = Numbered(schema);
  ASSIGN_OR_RETURN(const Options options, CompleteOptions(*format, {}, numbered));
  ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder, format->make_decoder(options));
  ScanSpec scan;
  scan.table = numbered;
  for (size_t i = 0; i < numbered.size(); ++i) {
    scan.columns.push_back({static_cast<int>(i), numbered.type(i)});
  }
  RETURN_IF_ERROR(decoder->Open(scan, nullptr));
  DecodeOutput output;
  RETURN_IF_ERROR(decoder->Decode(chunk, &output));
  Batch batch;
  batch.row_count = output.row_count;
  batch.columns = std::move(output.columns);
  batch.changes = Buffer::CopyOf(changes);
  return batch;
}

std::string PrintHeader(const ResultHeader& header) {
  Json columns = Json::array();
  for (const Field& field : header.schema.fields) {
    columns.push_back({{"name", field.name}, {"type", field.type.ToString()}});
  }
  return Dump({{"kind", header.kind},
               {"insert_only", header.insert_only},
               {"columns", std::move(columns)},
               {"job", header.job_id}});
}

Result<ResultHeader> ParseHeader(std::string_view frame) {
  const Json json = Parse(frame);
  if (!json.is_object() || !json.contains("columns") || !json["columns"].is_array()) {
    return BadFrame("no columns");
  }
  ResultHeader header;
  header.kind = TextOf(json, "kind");
  header.insert_only = !json.contains("insert_only") || json["insert_only"] != false;
  header.job_id = TextOf(json, "job");
  for (const Json& column : json["columns"]) {
    if (!column.is_object()) return BadFrame("a column is no object");
    ASSIGN_OR_RETURN(const ast::TypePtr written, ParseType(TextOf(column, "type")));
    ASSIGN_OR_RETURN(DataType type, BindType(*written));
    header.schema.fields.push_back({TextOf(column, "name"), std::move(type), ""});
  }
  return header;
}

std::string PrintError(const Status& status) {
  const SqlPosition position = status.position();
  Json error = {{"code", ErrorCodeName(status.code())}, {"message", status.message()}};
  if (position.known()) {
    error["line"] = position.line;
    error["column"] = position.column;
    error["end_line"] = position.end_line;
    error["end_column"] = position.end_column;
  }
  return Dump({{"error", std::move(error)}});
}

std::string PrintExecute(std::string_view statement) {
  return Dump({{"execute", statement}});
}

Result<Frame> ParseFrame(std::string_view text) {
  const Json json = Parse(text);
  if (!json.is_object()) return BadFrame("a frame is no JSON object");
  Frame frame;
  if (json.contains("execute")) {
    if (!json["execute"].is_string()) return BadFrame("'execute' is no text");
    frame.kind = Frame::Kind::kExecute;
    frame.statement = json["execute"].get<std::string>();
  } else if (json.contains("cancel")) {
    frame.kind = Frame::Kind::kCancel;
  } else if (json.contains("columns")) {
    frame.kind = Frame::Kind::kHeader;
  } else if (json.contains("rows")) {
    frame.kind = Frame::Kind::kRows;
  } else if (json.contains("end")) {
    frame.kind = Frame::Kind::kEnd;
  } else if (json.contains("error") && json["error"].is_object()) {
    const Json& error = json["error"];
    frame.kind = Frame::Kind::kError;
    frame.error = Status(CodeOf(TextOf(error, "code")), TextOf(error, "message"),
                         {NumberOf(error, "line"), NumberOf(error, "column"),
                          NumberOf(error, "end_line"), NumberOf(error, "end_column")});
  } else {
    return BadFrame("a frame is neither execute, cancel, columns, rows, end nor error");
  }
  return frame;
}

}  // namespace rhei

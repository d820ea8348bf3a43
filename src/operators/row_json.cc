#include "operators/row_json.h"

#include "base/check.h"
#include "columnar/column_builder.h"
#include "functions/value_text.h"

namespace rhei {

Status RowJson::Open(const Schema& schema, std::string_view time_zone, MemoryPool* pool) {
  pool_ = pool;
  schema_ = schema;
  for (const Field& field : schema.fields) types_.push_back(field.type);
  ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(time_zone));
  zone_ = TimeZoneCursor(std::move(zone));
  const FormatDef* json = FindFormat("json");
  CHECK(json != nullptr);
  const Options wanted = {{"map-null-key.mode", "LITERAL"}};
  for (size_t i = 0; i < schema_.size(); ++i) {
    if (CompleteOptions(*json, wanted, Schema{{schema_.fields[i]}}).ok()) continue;
    as_text_.push_back(i);
    schema_.fields[i].type = DataType::String();
  }
  ASSIGN_OR_RETURN(const Options options, CompleteOptions(*json, wanted, schema_));
  ASSIGN_OR_RETURN(encoder_, json->make_encoder(options));
  return encoder_->Open(schema_);
}

Status RowJson::Write(const Batch& batch) {
  if (as_text_.empty()) return encoder_->Encode(batch, &encoded_);
  Batch rows = batch;
  std::string text;
  for (const size_t at : as_text_) {
    ColumnBuilder builder(DataType::String(), pool_);
    for (int32_t row = 0; row < batch.row_count; ++row) {
      if (batch.columns[at].IsNull(row)) {
        builder.AppendNull();
        continue;
      }
      text.clear();
      AppendColumnText(batch.columns[at], row, types_[at], zone_, &text);
      builder.AppendString(text);
    }
    rows.columns[at] = builder.Finish();
  }
  return encoder_->Encode(rows, &encoded_);
}

}  // namespace rhei

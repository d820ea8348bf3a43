#include "formats/json/json_trace.h"

#include <algorithm>
#include <utility>

#include "columnar/padded_string.h"
#include "formats/json/json_fields.h"

namespace rhei {
namespace {

constexpr size_t kTracesMax = 8;
constexpr size_t kStepsMax = 1024;
constexpr int32_t kTriesCounted = 512;
constexpr int32_t kPause = 32 * kTriesCounted;

// The text of the plain ASCII string whose opening quote is at `*p`; moves behind the closing one.
// False, without having moved, for every other value and for a string that `end` cuts off.
inline bool ScanPlainString(const char** p, const char* end, std::string_view* text) {
  if (**p != '"') return false;
  const char* start = *p + 1;
  for (const char* at = start; at < end; at += kMatchedBytes) {
    const ByteMatches matches = MatchBytes(at, '"', '\\');
    if (matches.equal == 0) {
      if (matches.high != 0) return false;
      continue;
    }
    const int index = __builtin_ctz(matches.equal);
    const char* stop = at + index;
    if (*stop != '"' || stop >= end) return false;
    if ((matches.high & ((uint32_t{1} << index) - 1)) != 0) return false;
    *text = {start, static_cast<size_t>(stop - start)};
    *p = stop + 1;
    return true;
  }
  return false;
}

// Whether a timestamp that begins with a date of ten characters is too short to have more digits
// behind the point than `precision`.
bool HasNoMoreDigits(std::string_view text, bool zulu, int precision) {
  constexpr int kUpToPoint = 20;
  const int size = static_cast<int>(text.size()) - (zulu ? 1 : 0);
  return size > 10 && (text[10] == ' ' || text[10] == 'T') && size <= kUpToPoint + precision;
}

}  // namespace

// Takes an object apart. Each of its values ends a step.
class JsonTraces::Maker {
 public:
  explicit Maker(std::string_view object) : bytes_(object.data()) { reader_.Start(object); }

  // False when the object is one that a trace is not made for.
  bool AddRow(const JsonRowReader::RowShape& shape) {
    if (!reader_.TakeIf('{')) return false;
    std::vector<bool> seen(shape.fields.size());
    size_t found = 0;
    for (bool more = !reader_.TakeIf('}'); more;) {
      JsonString name;
      if (reader_.Peek() != '"' || !reader_.TakeString(&name) || name.escaped) return false;
      if (!reader_.Take(':', "")) return false;
      const auto at = shape.index.find(name.text);
      // As ReadRow: what follows when the row has all its fields is not looked at.
      JsonRowReader::Field* field = nullptr;
      if (at != shape.index.end() && found < shape.fields.size()) {
        const auto index = static_cast<size_t>(at->second);
        if (seen[index]) return false;
        seen[index] = true;
        ++found;
        field = shape.fields[index].get();
      }
      if (!AddValue(field)) return false;
      more = reader_.TakeIf(',');
      if (!more && !reader_.TakeIf('}')) return false;
    }
    for (size_t i = 0; i < seen.size(); ++i) {
      JsonRowReader::Field* field = shape.fields[i].get();
      if (!seen[i] && !field->left_out) AddStep(Op::kNull, field);
    }
    return true;
  }
  bool Finish(Trace* trace) {
    AddStep(Op::kNothing, nullptr);
    trace->steps = std::move(steps_);
    return trace->steps.size() <= kStepsMax;
  }

 private:
  bool AddValue(JsonRowReader::Field* field) {
    const char first = reader_.Peek();
    const bool row = field != nullptr && !field->left_out && field->row != nullptr;
    if (row && first == '{') {
      if (!AddRow(*field->row)) return false;
      AddStep(Op::kCloseRow, field);
      return true;
    }
    if (row) {
      if (!reader_.TakeNull()) return false;
      AddStep(Op::kNull, field);
      return true;
    }
    AddStep(field == nullptr ? Op::kSkip : OpOf(*field), field);
    if (!reader_.SkipValue()) return false;
    bytes_ = reader_.position();
    return steps_.size() <= kStepsMax;
  }
  // The bytes since the last value, and what to do behind them.
  void AddStep(Op op, JsonRowReader::Field* field) {
    std::string_view bytes = reader_.TextSince(bytes_);
    bytes_ = reader_.position();
    do {
      Step step;
      step.size = static_cast<uint8_t>(std::min(bytes.size(), Step::kBytesMax));
      std::memcpy(step.bytes, bytes.data(), step.size);
      step.mask = static_cast<uint32_t>((uint64_t{1} << step.size) - 1);
      bytes.remove_prefix(step.size);
      if (bytes.empty()) {
        step.op = op;
        step.field = field;
      }
      steps_.push_back(step);
    } while (!bytes.empty());
  }

  JsonReader reader_;
  const char* bytes_;  // of the next step
  std::vector<Step> steps_;
};

JsonTraces::Op JsonTraces::OpOf(const JsonRowReader::Field& field) {
  const bool plain_text = IsCharacter(field.root);
  if (field.left_out) {
    if (plain_text) return Op::kCheckString;
    return field.plain_integer ? Op::kCheckInteger : Op::kCheckField;
  }
  if (plain_text) return Op::kString;
  if (field.physical == PhysicalType::kInt64 &&
      (field.root == TypeRoot::kTimestamp || field.root == TypeRoot::kTimestampLtz)) {
    return Op::kTimestamp;
  }
  if (field.plain_integer && field.physical == PhysicalType::kInt32) return Op::kInt32;
  if (field.plain_integer && field.physical == PhysicalType::kInt64) return Op::kInt64;
  return Op::kField;
}

// Values that are not what a step is made for: null, escaped or not ASCII, another type's, ...
bool JsonTraces::TakeOther(Op op, JsonRowReader::Field* field, JsonRowReader* rows) {
  switch (op) {
    case Op::kSkip: return rows->reader_->SkipValue();
    case Op::kCheckString:
    case Op::kCheckInteger:
    case Op::kCheckField: return rows->CheckField(field) == JsonOutcome::kOk;
    default: return rows->ReadField(field, field->builder->row_count()) == JsonOutcome::kOk;
  }
}

bool JsonTraces::Follow(const Trace& trace, JsonRowReader* rows) {
  JsonReader* const reader = rows->reader_;
  const char* p = reader->position();
  const char* const end = p + reader->left();
  std::string_view text;
  int64_t number;
  for (const Step& step : trace.steps) {
    if (end - p < step.size || (EqualBytes32(p, step.bytes) & step.mask) != step.mask) return false;
    p += step.size;
    JsonRowReader::Field* const field = step.field;
    const char* next = nullptr;
    switch (step.op) {
      case Op::kNothing: continue;
      case Op::kNull: field->builder->AppendNull(); continue;
      case Op::kCloseRow: field->builder->CloseNested(); continue;
      case Op::kInt32:
      case Op::kInt64:
      case Op::kCheckInteger:
        next = ScanSmallInteger(p, &number);
        if (next == nullptr || next >= end || !field->InRange(number)) break;
        // What follows must end it: "1.5" and "1e5" are numbers too.
        if (*next != ',' && *next != '}') break;
        p = next;
        if (step.op == Op::kInt32) {
          field->builder->Append(static_cast<int32_t>(number));
        } else if (step.op == Op::kInt64) {
          field->builder->Append(number);
        }
        continue;
      case Op::kString:
        if (!rows->share_strings_ || !ScanPlainString(&p, end, &text)) break;
        rows->shared_bytes_ += text.size();
        field->builder->Append(PaddedStringView(text));
        continue;
      case Op::kCheckString:
        if (!ScanPlainString(&p, end, &text)) break;
        continue;
      case Op::kTimestamp: {
        next = p;
        Timestamp9 time;
        const bool zulu = field->root == TypeRoot::kTimestampLtz;
        if (!ScanPlainString(&next, end, &text) ||
            !HasNoMoreDigits(text, zulu, field->type.precision()) ||
            !rows->timestamps_.Parse(text, zulu, &time)) {
          break;
        }
        p = next;
        field->builder->Append(time.micros);
        continue;
      }
      case Op::kField:
      case Op::kCheckField:
      case Op::kSkip: break;
    }
    reader->MoveTo(p);
    if (!TakeOther(step.op, field, rows)) return false;
    p = reader->position();
  }
  reader->MoveTo(p);
  return true;
}

bool JsonTraces::ReadRow(JsonRowReader* rows, int32_t row) {
  if (pause_ > 0) {
    --pause_;
    return false;
  }
  const char* const start = rows->reader_->position();
  const size_t shared_bytes = rows->shared_bytes_;
  for (size_t i = 0; i < traces_.size(); ++i) {
    if (Follow(traces_[i], rows)) {
      ++traces_[i].hits;
      if (i > 0 && traces_[i].hits > traces_[i - 1].hits) std::swap(traces_[i], traces_[i - 1]);
      Count(true);
      return true;
    }
    for (const auto& field : rows->root_->fields) {
      if (!field->left_out) field->builder->Truncate(row);
    }
    rows->shared_bytes_ = shared_bytes;
    rows->reader_->MoveTo(start);
  }
  Count(false);
  return false;
}

void JsonTraces::Count(bool hit) {
  misses_ += hit ? 0 : 1;
  if (++tries_ < kTriesCounted) return;
  if (misses_ * 2 > tries_) {
    pause_ = kPause;
    traces_.clear();
  }
  tries_ = 0;
  misses_ = 0;
}

void JsonTraces::Learn(const JsonRowReader::RowShape& shape, std::string_view object) {
  if (pause_ > 0 || traces_.size() >= kTracesMax) return;
  Maker maker(object);
  Trace trace;
  if (maker.AddRow(shape) && maker.Finish(&trace)) traces_.push_back(std::move(trace));
}

}  // namespace rhei

// JSON_OBJECTAGG and JSON_ARRAYAGG. Keywords come as literals: FORMAT JSON behind a value that is
// JSON already, and the clause for NULL values.
#include <array>
#include <map>

#include "functions/agg_arrival.h"
#include "functions/agg_tables.h"
#include "functions/agg_value.h"
#include "functions/json_text.h"
#include "functions/json_value_writer.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;

constexpr int32_t kResultLength = 2000;

// The clauses of a call, read from its literals.
struct JsonClauses {
  bool raw = false;
  bool null_on_null = false;
};

JsonClauses ReadClauses(const AggregateCall& call, size_t value, bool null_on_null) {
  JsonClauses clauses{false, null_on_null};
  for (size_t i = value + 1; i < call.literals.size(); ++i) {
    if (!call.literals[i].is_text()) continue;
    const std::string& word = call.literals[i].text();
    if (word.starts_with("FORMAT JSON")) clauses.raw = true;
    if (word.ends_with("ON NULL")) clauses.null_on_null = word == "NULL ON NULL";
  }
  return clauses;
}

// False when the value is left out.
bool ValueText(const AggregateCall& call, const JsonClauses& clauses, const Column& column,
               size_t argument, int32_t row, std::string* text) {
  text->clear();
  if (column.IsNull(row)) {
    *text = "null";
    return clauses.null_on_null;
  }
  const DataType& type = call.argument_types[argument];
  if (clauses.raw && IsCharacter(type.root())) {
    const Result<JsonValue> value = ParseJson(ColumnReader<StringView>(column)[row].view());
    if (value.ok()) {
      AppendJson(*value, text);
      return true;
    }
  }
  AppendJsonValue(column, row, type, text);
  return true;
}

bool IsAddition(const AggregateRows& rows, size_t i) {
  return rows.additions == nullptr || rows.additions[i] != 0;
}

// --- JSON_OBJECTAGG ---------------------------------------------------------------------------

class ObjectMembers : public AggregateObject {
 public:
  explicit ObjectMembers(const AggregateCall&) {}
  void Put(const std::string& key, const std::string& value) {
    const auto [place, added] = members_.insert_or_assign(key, value);
    if (added) bytes_ += static_cast<int64_t>(64 + place->first.size() + value.size());
  }
  void Remove(const std::string& key) { members_.erase(key); }
  const std::map<std::string, std::string>& members() const { return members_; }
  void Save(std::string* out) const override {
    for (const auto& [key, value] : members_) {
      PutBytes(key, out);
      PutBytes(value, out);
    }
  }
  Status Load(std::string_view bytes) override {
    members_.clear();
    SavedBytes saved(bytes);
    while (saved.ok() && !saved.at_end()) {
      const std::string key(saved.Bytes());
      const std::string value(saved.Bytes());
      if (saved.ok()) Put(key, value);
    }
    return saved.Finish();
  }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this)) + bytes_; }

 private:
  std::map<std::string, std::string> members_;
  int64_t bytes_ = 0;
};

void AccumulateObject(const AggregateCall& call, const AggregateRows& rows) {
  const JsonClauses clauses = ReadClauses(call, 1, true);
  const ColumnReader<StringView> keys(rows.arguments[0]);
  std::string value;
  for (size_t i = 0; i < rows.states.size(); ++i) {
    const int32_t row = rows.rows[i];
    const bool present = ValueText(call, clauses, rows.arguments[1], 1, row, &value);
    if (!present || keys.IsNull(row)) continue;
    const std::string key(keys[row].view());
    ObjectMembers& object = ObjectAt<ObjectMembers>(rows.states[i], call);
    if (IsAddition(rows, i)) {
      object.Put(key, value);
    } else {
      object.Remove(key);
    }
  }
}

void MergeObjects(const AggregateCall& call, std::span<std::byte* const> into,
                  std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    const ObjectMembers* other = ObjectOrNull<ObjectMembers>(from[i]);
    if (other == nullptr) continue;
    ObjectMembers& object = ObjectAt<ObjectMembers>(into[i], call);
    for (const auto& [key, value] : other->members()) object.Put(key, value);
  }
}

void EmitObjects(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                 Column* out) {
  ColumnBuilder builder(call.result_type, pool);
  std::string text;
  for (std::byte* state : states) {
    text = "{";
    if (const ObjectMembers* object = ObjectOrNull<ObjectMembers>(state); object != nullptr) {
      for (const auto& [key, value] : object->members()) {
        if (text.size() > 1) text += ',';
        AppendJsonString(key, &text);
        text.append(":").append(value);
      }
    }
    text += '}';
    builder.AppendString(text);
  }
  *out = builder.Finish();
}

Result<AggregateTyping> InferObject(const CallInfo& call) {
  if (!IsCharacter(call.arguments[0].type.root())) {
    return WrongArgumentTypes("JSON_OBJECTAGG", call, "JSON_OBJECTAGG(KEY <STRING> VALUE <ANY>)");
  }
  RETURN_IF_ERROR(CheckJsonType(call.arguments[1].type));
  AggregateTyping typing{DataType::Varchar(kResultLength, false), {}};
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(argument.type);
  }
  return typing;
}

Result<Kernel> ObjectKernel(const AggregateCall&) {
  return Kernel{.state_bytes = sizeof(AggregateObject*),
                .is_object = true,
                .make_object = MakeAggregateObject<ObjectMembers>,
                .accumulate = AccumulateObject,
                .merge = MergeObjects,
                .emit = EmitObjects};
}

// --- JSON_ARRAYAGG ----------------------------------------------------------------------------

class ArrayItems : public AggregateObject {
 public:
  explicit ArrayItems(const AggregateCall&) {}
  ArrivalList& list() { return list_; }
  const ArrivalList& list() const { return list_; }
  void Save(std::string* out) const override { list_.Save(out); }
  Status Load(std::string_view bytes) override { return list_.Load(bytes); }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this)) + list_.bytes(); }

 private:
  ArrivalList list_;
};

void AccumulateArray(const AggregateCall& call, const AggregateRows& rows) {
  const JsonClauses clauses = ReadClauses(call, 0, false);
  std::string value;
  for (size_t i = 0; i < rows.states.size(); ++i) {
    if (!ValueText(call, clauses, rows.arguments[0], 0, rows.rows[i], &value)) continue;
    ArrivalList& list = ObjectAt<ArrayItems>(rows.states[i], call).list();
    if (IsAddition(rows, i)) {
      list.Add(value);
    } else {
      list.Retract(value);
    }
  }
}

void MergeArrays(const AggregateCall& call, std::span<std::byte* const> into,
                 std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    const ArrayItems* later = ObjectOrNull<ArrayItems>(from[i]);
    if (later != nullptr) ObjectAt<ArrayItems>(into[i], call).list().Merge(later->list());
  }
}

void EmitArrays(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                Column* out) {
  ColumnBuilder builder(call.result_type, pool);
  std::string text;
  for (std::byte* state : states) {
    text = "[";
    if (const ArrayItems* items = ObjectOrNull<ArrayItems>(state); items != nullptr) {
      items->list().ForEach([&](std::string_view value) {
        if (text.size() > 1) text += ',';
        text += value;
      });
    }
    text += ']';
    builder.AppendString(text);
  }
  *out = builder.Finish();
}

Result<AggregateTyping> InferArray(const CallInfo& call) {
  RETURN_IF_ERROR(CheckJsonType(call.arguments[0].type));
  AggregateTyping typing{DataType::Varchar(kResultLength, false), {}};
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(argument.type);
  }
  return typing;
}

Result<Kernel> ArrayKernel(const AggregateCall&) {
  return Kernel{.state_bytes = sizeof(AggregateObject*),
                .is_object = true,
                .make_object = MakeAggregateObject<ArrayItems>,
                .accumulate = AccumulateArray,
                .merge = MergeArrays,
                .emit = EmitArrays};
}

constexpr std::array kTable = {
    AggregateDef{.name = "JSON_OBJECTAGG",
                 .signature = "([KEY] key VALUE value [{NULL | ABSENT} ON NULL]) -> STRING",
                 .doc = "The JSON object of the group's keys and values.",
                 .example = "JSON_OBJECTAGG(KEY name VALUE n)",
                 .min_arguments = 2,
                 .max_arguments = 4,
                 .infer = InferObject,
                 .null_arguments = true,
                 .never_null = true,
                 .kernel = ObjectKernel},
    AggregateDef{.name = "JSON_ARRAYAGG",
                 .signature = "(value [{NULL | ABSENT} ON NULL]) -> STRING",
                 .doc = "The JSON array of the group's values, in order of arrival.",
                 .example = "JSON_ARRAYAGG(name)",
                 .min_arguments = 1,
                 .max_arguments = 3,
                 .infer = InferArray,
                 .null_arguments = true,
                 .order_sensitive = true,
                 .never_null = true,
                 .kernel = ArrayKernel},
};

}  // namespace

std::span<const AggregateDef> JsonAggregates() {
  return kTable;
}

}  // namespace rhei

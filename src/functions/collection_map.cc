// The MAP_* functions.
#include <fmt/format.h>

#include <algorithm>

#include "functions/families.h"
#include "functions/list_kernel.h"
#include "types/coercion.h"

namespace rhei {
namespace {

const Column& FlatArgument(const Column& column, EvalContext& context, Column* storage) {
  if (column.is_flat()) return column;
  *storage = Flatten(column, context.pool);
  return *storage;
}

// Keys or values: the map's own column under the same offsets.
template <size_t kChild>
void MapPart(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  Column storage;
  const Column& map = FlatArgument(arguments[0], context, &storage);
  *out = Column();
  out->type = PhysicalType::kArray;
  out->row_count = context.row_count;
  out->values = map.values;
  out->children.push_back(map.children[kChild]);
}

void MapEntries(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                Column* out) {
  Column storage;
  const Column& map = FlatArgument(arguments[0], context, &storage);
  Column entry;
  entry.type = PhysicalType::kRow;
  entry.row_count = map.children[0].row_count;
  entry.children = map.children;
  *out = Column();
  out->type = PhysicalType::kArray;
  out->row_count = context.row_count;
  out->values = map.values;
  out->children.push_back(std::move(entry));
}

// Collects the entries of one map; of equal keys the last one's value stays.
class EntryMerger {
 public:
  EntryMerger(const DataType& map_type, MemoryPool* pool)
      : reader_(map_type.child(0)), result_(map_type, pool) {}
  void Put(const Column& keys, int32_t key_at, const Column& values, int32_t value_at) {
    reader_.Read(keys, key_at, &key_);
    const Entry entry{&keys, key_at, &values, value_at};
    const auto found = std::find(names_.begin(), names_.end(), key_);
    if (found != names_.end()) {
      entries_[static_cast<size_t>(found - names_.begin())] = entry;
    } else {
      names_.push_back(key_);
      entries_.push_back(entry);
    }
  }
  void CloseRow() {
    for (const Entry& entry : entries_) {
      result_.child(0).AppendFrom(*entry.keys, entry.key_at);
      result_.child(1).AppendFrom(*entry.values, entry.value_at);
    }
    result_.CloseNested();
    names_.clear();
    entries_.clear();
  }
  void NullRow() { result_.AppendNull(); }
  Column Finish() { return result_.Finish(); }

 private:
  struct Entry {
    const Column* keys;
    int32_t key_at;
    const Column* values;
    int32_t value_at;
  };
  ElementKeys reader_;
  ColumnBuilder result_;
  std::string key_;
  std::vector<std::string> names_;
  std::vector<Entry> entries_;
};

void MapUnion(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  EntryMerger merger(static_cast<TypedState*>(state)->result, context.pool);
  for (int32_t row = 0; row < context.row_count; ++row) {
    if (AnyNull(arguments, row)) {
      merger.NullRow();
      continue;
    }
    for (const Column& column : arguments) {
      const Lists lists(column);
      for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
        merger.Put(lists.elements(), at, lists.values(), at);
      }
    }
    merger.CloseRow();
  }
  *out = merger.Finish();
}

void MapFromArrays(FunctionState* state, EvalContext& context, std::span<const Column> arguments,
                   Column* out) {
  const Lists keys(arguments[0]);
  const Lists values(arguments[1]);
  EntryMerger merger(static_cast<TypedState*>(state)->result, context.pool);
  for (int32_t row = 0; row < context.row_count; ++row) {
    const bool null = AnyNull(arguments, row);
    if (null || keys.size(row) != values.size(row)) {
      if (!null) {
        context.Fail(row, fmt::format("Invalid function MAP_FROM_ARRAYS call:\nThe length of the "
                                      "keys array {} is not equal to the length of the values "
                                      "array {}",
                                      keys.size(row), values.size(row)));
      }
      merger.NullRow();
      continue;
    }
    for (int32_t i = 0; i < keys.size(row); ++i) {
      merger.Put(keys.elements(), keys.begin(row) + i, values.elements(), values.begin(row) + i);
    }
    merger.CloseRow();
  }
  *out = merger.Finish();
}

Result<CallTyping> InferPart(const CallInfo& call, std::string_view name, size_t child) {
  const DataType& type = call.arguments[0].type;
  if (type.root() != TypeRoot::kMap) return BadArguments(call, name, "(MAP)");
  return ResultPropagatingNulls(call, DataType::Array(type.child(child)));
}

Result<CallTyping> InferEntries(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (type.root() != TypeRoot::kMap) return BadArguments(call, "MAP_ENTRIES", "(MAP)");
  const DataType entry = DataType::Row({{"key", type.child(0), {}}, {"value", type.child(1), {}}});
  return ResultPropagatingNulls(call, DataType::Array(entry));
}

Result<CallTyping> InferUnion(const CallInfo& call) {
  std::vector<DataType> keys;
  std::vector<DataType> values;
  for (const ArgumentInfo& argument : call.arguments) {
    if (argument.type.root() != TypeRoot::kMap) {
      return BadArguments(call, "MAP_UNION", "(MAP, MAP, ...)");
    }
    keys.push_back(argument.type.child(0));
    values.push_back(argument.type.child(1));
  }
  const std::optional<DataType> key = CommonType(keys);
  const std::optional<DataType> value = CommonType(values);
  if (!key.has_value() || !value.has_value()) {
    return BadArguments(call, "MAP_UNION", "(MAP, MAP, ...)");
  }
  CallTyping typing{DataType::Map(*key, *value, AnyNullable(call)), {}};
  for (const ArgumentInfo& argument : call.arguments) {
    typing.argument_types.push_back(DataType::Map(*key, *value, argument.type.nullable()));
  }
  return typing;
}

Result<CallTyping> InferFromArrays(const CallInfo& call) {
  const DataType& keys = call.arguments[0].type;
  const DataType& values = call.arguments[1].type;
  if (keys.root() != TypeRoot::kArray || values.root() != TypeRoot::kArray) {
    return BadArguments(call, "MAP_FROM_ARRAYS", "(ARRAY of keys, ARRAY of values)");
  }
  return ResultPropagatingNulls(call, DataType::Map(keys.child(0), values.child(0)));
}

constexpr FunctionDef kMaps[] = {
    {.name = "MAP_KEYS",
     .group = "collection",
     .signature = "(MAP) -> ARRAY",
     .doc = "The keys of the map.",
     .example = "MAP_KEYS(MAP['a', 1])[1] = 'a'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = [](const CallInfo& call) { return InferPart(call, "MAP_KEYS", 0); },
     .eval = MapPart<0>},
    {.name = "MAP_VALUES",
     .group = "collection",
     .signature = "(MAP) -> ARRAY",
     .doc = "The values of the map.",
     .example = "MAP_VALUES(MAP['a', 1])[1] = 1",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = [](const CallInfo& call) { return InferPart(call, "MAP_VALUES", 1); },
     .eval = MapPart<1>},
    {.name = "MAP_ENTRIES",
     .group = "collection",
     .signature = "(MAP) -> ARRAY<ROW<key, value>>",
     .doc = "The entries of the map as rows.",
     .example = "CARDINALITY(MAP_ENTRIES(MAP['a', 1])) = 1",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferEntries,
     .eval = MapEntries},
    {.name = "MAP_UNION",
     .group = "collection",
     .signature = "(MAP, ...) -> MAP",
     .doc = "The entries of all maps; of equal keys the last counts.",
     .example = "MAP_UNION(MAP['a', 1], MAP['a', 2])['a'] = 2",
     .min_arguments = 1,
     .max_arguments = -1,
     .infer = InferUnion,
     .open = OpenTyped,
     .eval = MapUnion,
     .null_rule = NullRule::kCustom},
    {.name = "MAP_FROM_ARRAYS",
     .group = "collection",
     .signature = "(ARRAY of keys, ARRAY of values) -> MAP",
     .doc = "The map of the keys to the values in the same places.",
     .example = "MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[1])['a'] = 1",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferFromArrays,
     .open = OpenTyped,
     .eval = MapFromArrays,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> MapFunctions() {
  return kMaps;
}

}  // namespace rhei

// LISTAGG, COLLECT and ARRAY_AGG: all values of a group, as text, multiset or array, in order of
// arrival. A retraction takes the first equal value.
#include <array>

#include "functions/agg_arrival.h"
#include "functions/agg_tables.h"
#include "functions/agg_value.h"
#include "functions/counted_values.h"

namespace rhei {
namespace {

using Kernel = AggregateDef::Kernel;

bool IsAdditionAt(const AggregateRows& rows, size_t i) {
  return rows.additions == nullptr || rows.additions[i] != 0;
}

// Values in order of arrival; with retractions an ArrivalList is needed, else a plain string of
// length-prefixed values does.
class ArrivedValues : public AggregateObject {
 public:
  explicit ArrivedValues(const AggregateCall&) {}
  ArrivalList& list() { return list_; }
  const ArrivalList& list() const { return list_; }
  void Save(std::string* out) const override { list_.Save(out); }
  Status Load(std::string_view bytes) override { return list_.Load(bytes); }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this)) + list_.bytes(); }

 private:
  ArrivalList list_;
};

class AppendedValues : public AggregateObject {
 public:
  explicit AppendedValues(const AggregateCall&) {}
  void Add(std::string_view value) {
    PutBytes(value, &values_);
    ++size_;
  }
  void Merge(const AppendedValues& later) {
    values_ += later.values_;
    size_ += later.size_;
  }
  bool empty() const { return size_ == 0; }
  template <typename F>
  void ForEach(F f) const {
    SavedBytes saved(values_);
    while (!saved.at_end()) f(saved.Bytes());
  }
  void Save(std::string* out) const override {
    PutUint64(size_, out);
    out->append(values_);
  }
  Status Load(std::string_view bytes) override {
    SavedBytes saved(bytes);
    size_ = saved.Uint64();
    values_.clear();
    uint64_t found = 0;
    while (saved.ok() && !saved.at_end()) {
      PutBytes(saved.Bytes(), &values_);
      ++found;
    }
    if (found != size_) return {ErrorCode::kStateMismatch, "stored values are damaged"};
    return saved.Finish();
  }
  int64_t bytes() const override {
    return static_cast<int64_t>(sizeof(*this) + values_.capacity());
  }

 private:
  std::string values_;
  uint64_t size_ = 0;
};

// The two kinds of list behind one set of names, so that each function is written once.
struct Appending {
  using Object = AppendedValues;
  static void Change(Object& object, std::string_view value, bool) { object.Add(value); }
  static void Merge(Object& object, const Object& later) { object.Merge(later); }
  static bool Empty(const Object& object) { return object.empty(); }
  template <typename F>
  static void ForEach(const Object& object, F f) {
    object.ForEach(f);
  }
};
struct Retracting {
  using Object = ArrivedValues;
  static void Change(Object& object, std::string_view value, bool add) {
    if (add) {
      object.list().Add(value);
    } else {
      object.list().Retract(value);
    }
  }
  static void Merge(Object& object, const Object& later) { object.list().Merge(later.list()); }
  static bool Empty(const Object& object) { return object.list().empty(); }
  template <typename F>
  static void ForEach(const Object& object, F f) {
    object.list().ForEach(f);
  }
};

template <typename List>
void MergeLists(const AggregateCall& call, std::span<std::byte* const> into,
                std::span<std::byte* const> from) {
  using Object = typename List::Object;
  for (size_t i = 0; i < into.size(); ++i) {
    const Object* later = ObjectOrNull<Object>(from[i]);
    if (later != nullptr) List::Merge(ObjectAt<Object>(into[i], call), *later);
  }
}

template <typename List>
Kernel ListKernel(void (*accumulate)(const AggregateCall&, const AggregateRows&),
                  void (*emit)(const AggregateCall&, std::span<std::byte* const>, MemoryPool*,
                               Column*)) {
  return {.state_bytes = sizeof(AggregateObject*),
          .is_object = true,
          .make_object = MakeAggregateObject<typename List::Object>,
          .accumulate = accumulate,
          .merge = MergeLists<List>,
          .emit = emit};
}

// --- LISTAGG ----------------------------------------------------------------------------------

template <typename List>
void AccumulateText(const AggregateCall& call, const AggregateRows& rows) {
  ForEachValue<StringView>(rows, 0, [&](std::byte* state, const StringView& value, bool add) {
    List::Change(ObjectAt<typename List::Object>(state, call), value.view(), add);
  });
}

template <typename List>
void EmitText(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
              Column* out) {
  const std::string separator =
      call.literals.size() > 1 && call.literals[1].is_text() ? call.literals[1].text() : ",";
  ColumnBuilder builder(call.result_type, pool);
  std::string text;
  for (std::byte* state : states) {
    const auto* object = ObjectOrNull<typename List::Object>(state);
    if (object == nullptr || List::Empty(*object)) {
      builder.AppendNull();
      continue;
    }
    text.clear();
    bool first = true;
    List::ForEach(*object, [&](std::string_view value) {
      if (!first) text += separator;
      first = false;
      text += value;
    });
    builder.AppendString(text);
  }
  *out = builder.Finish();
}

Result<AggregateTyping> InferListAgg(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  constexpr std::string_view kForms = "LISTAGG(<CHARACTER>)' or 'LISTAGG(<CHARACTER>, <LITERAL>)";
  if (!IsCharacter(type.root())) return WrongArgumentTypes("LISTAGG", call, kForms);
  AggregateTyping typing{type, {type}};
  if (call.arguments.size() > 1) {
    const ArgumentInfo& separator = call.arguments[1];
    if (!IsCharacter(separator.type.root()) || separator.literal == nullptr) {
      return WrongArgumentTypes("LISTAGG", call, kForms);
    }
    typing.argument_types.push_back(separator.type);
  }
  return typing;
}

Result<Kernel> ListAggKernel(const AggregateCall& call) {
  if (call.retracts) {
    return ListKernel<Retracting>(AccumulateText<Retracting>, EmitText<Retracting>);
  }
  return ListKernel<Appending>(AccumulateText<Appending>, EmitText<Appending>);
}

// --- ARRAY_AGG --------------------------------------------------------------------------------

// Each stored value has a byte in front: 0 for NULL, 1 for a value.
template <typename List>
void AccumulateArray(const AggregateCall& call, const AggregateRows& rows) {
  ValueCodec codec(call.argument_types[0]);
  std::string value;
  for (size_t i = 0; i < rows.states.size(); ++i) {
    const bool null = rows.arguments[0].IsNull(rows.rows[i]);
    if (null && !call.respect_nulls) continue;
    value.assign(1, null ? '\0' : '\1');
    if (!null) value += codec.Encode(rows.arguments[0], rows.rows[i]);
    List::Change(ObjectAt<typename List::Object>(rows.states[i], call), value,
                 IsAdditionAt(rows, i));
  }
}

template <typename List>
void EmitArrays(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                Column* out) {
  const ValueCodec codec(call.argument_types[0]);
  ColumnBuilder builder(call.result_type, pool);
  for (std::byte* state : states) {
    const auto* object = ObjectOrNull<typename List::Object>(state);
    if (object == nullptr || List::Empty(*object)) {
      builder.AppendNull();
      continue;
    }
    List::ForEach(*object, [&](std::string_view value) {
      if (value[0] == '\0') {
        builder.child(0).AppendNull();
      } else {
        codec.Append(value.substr(1), &builder.child(0));
      }
    });
    builder.CloseNested();
  }
  *out = builder.Finish();
}

Result<AggregateTyping> InferArrayAgg(const CallInfo& call) {
  const DataType type = call.arguments[0].type.WithTimeAttribute(TimeAttribute::kNone);
  return AggregateTyping{DataType::Array(type, type.nullable()), {call.arguments[0].type}};
}

Result<Kernel> ArrayAggKernel(const AggregateCall& call) {
  if (call.retracts) {
    return ListKernel<Retracting>(AccumulateArray<Retracting>, EmitArrays<Retracting>);
  }
  return ListKernel<Appending>(AccumulateArray<Appending>, EmitArrays<Appending>);
}

// --- COLLECT ----------------------------------------------------------------------------------

class Multiset final : public AggregateObject {
 public:
  explicit Multiset(const AggregateCall&) {}
  CountedValues values;

  void Save(std::string* out) const override { values.Save(out); }
  Status Load(std::string_view bytes) override { return values.Load(bytes); }
  int64_t bytes() const override { return static_cast<int64_t>(sizeof(*this)) + values.bytes(); }
};

void AccumulateMultiset(const AggregateCall& call, const AggregateRows& rows) {
  ValueCodec codec(call.argument_types[0]);
  for (size_t i = 0; i < rows.states.size(); ++i) {
    const std::string_view value = codec.Encode(rows.arguments[0], rows.rows[i], true);
    ObjectAt<Multiset>(rows.states[i], call).values.Add(value, IsAdditionAt(rows, i) ? 1 : -1);
  }
}

void MergeMultisets(const AggregateCall& call, std::span<std::byte* const> into,
                    std::span<std::byte* const> from) {
  for (size_t i = 0; i < into.size(); ++i) {
    const Multiset* other = ObjectOrNull<Multiset>(from[i]);
    if (other != nullptr) ObjectAt<Multiset>(into[i], call).values.Merge(other->values);
  }
}

void EmitMultisets(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                   Column* out) {
  const ValueCodec codec(call.argument_types[0]);
  ColumnBuilder builder(call.result_type, pool);
  for (std::byte* state : states) {
    if (const Multiset* multiset = ObjectOrNull<Multiset>(state); multiset != nullptr) {
      multiset->values.ForEach([&](std::string_view value, int64_t count) {
        if (count <= 0) return;
        codec.Append(value, &builder.child(0));
        builder.child(1).Append(static_cast<int32_t>(count));
      });
    }
    builder.CloseNested();  // A group without values has the empty multiset.
  }
  *out = builder.Finish();
}

Result<AggregateTyping> InferCollect(const CallInfo& call) {
  const DataType type = call.arguments[0].type.WithTimeAttribute(TimeAttribute::kNone);
  return AggregateTyping{DataType::Multiset(type, false), {call.arguments[0].type}};
}

Result<Kernel> CollectKernel(const AggregateCall&) {
  return Kernel{.state_bytes = sizeof(AggregateObject*),
                .is_object = true,
                .make_object = MakeAggregateObject<Multiset>,
                .accumulate = AccumulateMultiset,
                .merge = MergeMultisets,
                .emit = EmitMultisets};
}

constexpr std::array kTable = {
    AggregateDef{.name = "LISTAGG",
                 .signature = "(STRING [, separator literal]) -> STRING",
                 .doc = "The texts that are not NULL joined by the separator (','), in order of "
                        "arrival.",
                 .example = "LISTAGG(name, ', ')",
                 .max_arguments = 2,
                 .infer = InferListAgg,
                 .order_sensitive = true,
                 .keeps_argument_nullability = true,
                 .kernel = ListAggKernel},
    AggregateDef{.name = "COLLECT",
                 .signature = "(ANY) -> MULTISET",
                 .doc = "The multiset of the values that are not NULL.",
                 .example = "COLLECT(name)",
                 .infer = InferCollect,
                 .never_null = true,
                 .kernel = CollectKernel},
    AggregateDef{.name = "ARRAY_AGG",
                 .signature = "(ANY) [RESPECT NULLS | IGNORE NULLS] -> ARRAY",
                 .doc = "An array of the values in order of arrival; NULL when there are none.",
                 .example = "ARRAY_AGG(name)",
                 .infer = InferArrayAgg,
                 .null_arguments = true,
                 .order_sensitive = true,
                 .keeps_argument_nullability = true,
                 .kernel = ArrayAggKernel},
};

}  // namespace

std::span<const AggregateDef> CollectAggregates() {
  return kTable;
}

}  // namespace rhei

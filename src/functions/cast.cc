#include "functions/cast.h"

#include <algorithm>

#include "base/check.h"
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/typing.h"
#include "types/coercion.h"

namespace rhei {
namespace {

void NullToAny(CastState& state, EvalContext& context, const Column&, Column* out) {
  *out = MakeNulls(state.to, context.row_count);
}

// Casts one part of a nested column whose rows do not stand beside the parents' rows. `parent_of`
// gives the row to blame for a part that fails.
template <typename ParentOf>
void CastPart(CastState& state, EvalContext& context, const Column& part, Column* out,
              ParentOf parent_of) {
  EvalContext inner;
  inner.row_count = part.row_count;
  inner.pool = context.pool;
  inner.session = context.session;
  inner.now_micros = context.now_micros;
  const Column flat = Flatten(part, context.pool);
  state.run(state, inner, flat, out);
  for (const EvalContext::Failure& failure : inner.failures()) {
    const int32_t row = parent_of(failure.row);
    if (row >= 0) context.Fail(row, failure.message);
  }
}

// ARRAY, MAP and MULTISET: the offsets stay, the elements are cast.
void ListToList(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->type = in.type;
  out->encoding = Encoding::kFlat;
  out->row_count = in.row_count;
  out->values = in.values;
  out->validity = in.validity;
  const int32_t* offsets = in.data<int32_t>();
  const int32_t rows = in.row_count;
  for (size_t i = 0; i < in.children.size(); ++i) {
    out->children.emplace_back();
    if (i >= state.children.size()) {  // The counts of a MULTISET.
      out->children.back() = in.children[i];
      continue;
    }
    CastPart(*state.children[i], context, in.children[i], &out->children.back(),
             [&](int32_t element) {
               const int32_t* after = std::upper_bound(offsets, offsets + rows + 1, element);
               const auto row = static_cast<int32_t>(after - offsets) - 1;
               return row < rows ? row : -1;
             });
  }
}

void RowToRow(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->type = in.type;
  out->encoding = Encoding::kFlat;
  out->row_count = in.row_count;
  out->validity = in.validity;
  for (size_t i = 0; i < in.children.size(); ++i) {
    out->children.emplace_back();
    CastPart(*state.children[i], context, in.children[i], &out->children.back(),
             [](int32_t row) { return row; });
  }
}

CastFn ChooseNestedCast(const DataType& from, const DataType& to) {
  if (from.root() != to.root()) return nullptr;
  switch (to.root()) {
    case TypeRoot::kArray:
    case TypeRoot::kMultiset:
    case TypeRoot::kMap: return ListToList;
    case TypeRoot::kRow: return RowToRow;
    default: return nullptr;
  }
}

CastFn ChooseCast(const DataType& from, const DataType& to) {
  if (from.root() == TypeRoot::kNull) return NullToAny;
  if (from.root() == TypeRoot::kVariant && to.root() != TypeRoot::kVariant) return nullptr;
  for (CastFn (*choose)(const DataType&, const DataType&) :
       {ChooseNumberCast, ChooseTemporalCast, ChooseCastToText, ChooseCastFromText,
        ChooseNestedCast}) {
    if (CastFn found = choose(from, to); found != nullptr) return found;
  }
  const bool same = from.root() == to.root() && PhysicalTypeOf(from) == PhysicalTypeOf(to);
  return same ? CastToSame : nullptr;
}

Result<CallTyping> InferCast(const CallInfo& call) {
  CHECK(call.target_type != nullptr);
  const DataType& from = call.arguments[0].type;
  const DataType& to = *call.target_type;
  if (!CastAllowed(from, to)) return InvalidSql(CastRefusal(from, to));
  return CallTyping{to.WithNullable(from.nullable()), {}};
}

Result<CallTyping> InferTryCast(const CallInfo& call) {
  ASSIGN_OR_RETURN(CallTyping typing, InferCast(call));
  typing.result = typing.result.WithNullable(true);
  return typing;
}

Result<std::unique_ptr<FunctionState>> OpenCast(const OpenContext& context) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<CastState> state,
      MakeCast(context.call.arguments[0].type, *context.result_type, *context.session));
  return std::unique_ptr<FunctionState>(std::move(state));
}

void EvalCast(FunctionState* state, EvalContext& context, std::span<const Column> args,
              Column* out) {
  RunCast(static_cast<CastState&>(*state), context, args[0], out);
}

constexpr FunctionDef kCasts[] = {
    {.name = "CAST",
     .group = "conversion",
     .signature = "(ANY AS TYPE) -> TYPE",
     .doc = "Converts a value to a type; a value that has no such form fails the job.",
     .example = "CAST('12' AS INT) = 12",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferCast,
     .open = OpenCast,
     .eval = EvalCast},
    {.name = "TRY_CAST",
     .group = "conversion",
     .signature = "(ANY AS TYPE) -> TYPE",
     .doc = "Converts a value to a type; NULL for a value that has no such form.",
     .example = "TRY_CAST('x' AS INT) IS NULL",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferTryCast,
     .open = OpenCast,
     .eval = EvalCast,
     .special = SpecialForm::kTryCast},
};

}  // namespace

Result<std::unique_ptr<CastState>> MakeCast(const DataType& from, const DataType& to,
                                            const SessionSettings& session) {
  auto state = std::make_unique<CastState>();
  state->from = from;
  state->to = to;
  state->run = ChooseCast(from, to);
  if (state->run == nullptr) {
    return Unsupported("CAST from " + from.ToString() + " to " + to.ToString() +
                       " is not supported yet");
  }
  ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(session.time_zone));
  state->zone = TimeZoneCursor(std::move(zone));
  if (state->run == ListToList || state->run == RowToRow) {
    for (size_t i = 0; i < to.child_count(); ++i) {
      ASSIGN_OR_RETURN(std::unique_ptr<CastState> child,
                       MakeCast(from.child(i), to.child(i), session));
      state->children.push_back(std::move(child));
    }
  }
  return state;
}

void RunCast(CastState& state, EvalContext& context, const Column& in, Column* out) {
  if (!in.is_constant()) {
    state.run(state, context, in, out);
    return;
  }
  // One row, then a constant again. A failure is every row's.
  Column one = in;
  one.encoding = Encoding::kFlat;
  one.row_count = 1;
  EvalContext inner;
  inner.row_count = 1;
  inner.pool = context.pool;
  inner.session = context.session;
  state.run(state, inner, one, out);
  for (const EvalContext::Failure& failure : inner.failures()) {
    for (int32_t i = 0; i < context.row_count; ++i) context.Fail(i, failure.message);
  }
  out->encoding = Encoding::kConstant;
  out->row_count = context.row_count;
}

std::span<const FunctionDef> CastFunctions() {
  return kCasts;
}

}  // namespace rhei

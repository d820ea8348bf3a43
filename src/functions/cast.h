#pragma once
// CAST: a conversion between two types, chosen and prepared once per call site.
//
// A CastState converts flat columns; cast.cc handles constants and builds those of nested
// types from their parts. A row that cannot be converted is marked with context.Fail.
// Thread-safety: one thread.
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time_zone.h"
#include "functions/function.h"

namespace rhei {

struct CastState;
// `in` is flat; sets every part of *out. Rows that are NULL in `in` are NULL in *out and never
// fail.
using CastFn = void (*)(CastState& state, EvalContext& context, const Column& in, Column* out);

struct CastState : FunctionState {
  DataType from;
  DataType to;
  CastFn run = nullptr;
  TimeZoneCursor zone;
  std::vector<std::unique_ptr<CastState>> children;  // of nested types, one per part
};

// REQUIRES: CastAllowed(from, to).
Result<std::unique_ptr<CastState>> MakeCast(const DataType& from, const DataType& to,
                                            const SessionSettings& session);
// Runs a cast over a flat or constant column.
void RunCast(CastState& state, EvalContext& context, const Column& in, Column* out);

// The conversions by kind; null when the kind has none for these types.
CastFn ChooseNumberCast(const DataType& from, const DataType& to);    // numbers and BOOLEAN
CastFn ChooseTemporalCast(const DataType& from, const DataType& to);  // dates, times, intervals
CastFn ChooseCastToText(const DataType& from, const DataType& to);
CastFn ChooseCastFromText(const DataType& from, const DataType& to);

// The result is the same column.
void CastToSame(CastState& state, EvalContext& context, const Column& in, Column* out);

// Appends one value as CAST(... AS STRING) prints it; "NULL" for NULL. `zone` is for
// TIMESTAMP_LTZ. Flat, constant and dictionary columns.
void AppendCastText(const Column& column, int32_t row, const DataType& type, TimeZoneCursor& zone,
                    std::string* out);

// TRUE for t, true, y, yes, 1, FALSE for f, false, n, no, 0 in any case; nothing else parses.
bool ParseBoolean(std::string_view text, bool* value);
// Bytes of the longest prefix of `text` with at most `count` code points.
size_t PrefixOfCodePoints(std::string_view text, int32_t count, int32_t* found);

}  // namespace rhei

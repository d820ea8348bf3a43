#pragma once
// The built-in aggregate functions, one table per family (agg_*.cc). functions/builtin.cc hands
// AllAggregateTables() to the registry. Thread-safety: const, global.
#include <span>

#include "functions/aggregate.h"

namespace rhei {

std::span<const AggregateDef> CountAggregates();       // COUNT, SUM, $SUM0, AVG
std::span<const AggregateDef> ExtremeAggregates();     // MIN, MAX
std::span<const AggregateDef> VarianceAggregates();    // STDDEV_*, VAR_*, VARIANCE
std::span<const AggregateDef> FirstLastAggregates();   // FIRST_VALUE, LAST_VALUE
std::span<const AggregateDef> CollectAggregates();     // LISTAGG, COLLECT, ARRAY_AGG
std::span<const AggregateDef> JsonAggregates();        // JSON_OBJECTAGG, JSON_ARRAYAGG
std::span<const AggregateDef> PercentileAggregates();  // PERCENTILE
std::span<const AggregateDef> BitmapAggregates();      // BITMAP_*_AGG

// All of the above.
std::span<const std::span<const AggregateDef>> AllAggregateTables();

}  // namespace rhei

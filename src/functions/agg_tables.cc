#include "functions/agg_tables.h"

#include <array>

namespace rhei {

std::span<const std::span<const AggregateDef>> AllAggregateTables() {
  static const std::array kTables = {
      CountAggregates(),   ExtremeAggregates(), VarianceAggregates(),   FirstLastAggregates(),
      CollectAggregates(), JsonAggregates(),    PercentileAggregates(), BitmapAggregates(),
  };
  return kTables;
}

}  // namespace rhei

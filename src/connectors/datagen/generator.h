#pragma once
// Generator: how 'datagen' makes the values of one column, as its options say. Which options a
// column takes depends on its type and its kind of generator, as in Flink 2.3; parts of nested
// types have their own ("fields.r.x.min", "fields.list.element.max", "fields.map.key.length").
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "types/data_type.h"
#include "types/option_values.h"

namespace rhei {

struct Generator {
  DataType type;
  bool sequence = false;
  int64_t start = 0;
  int64_t end = 0;
  double min = 0;
  double max = 0;
  int64_t int_min = 0;
  int64_t int_max = 0;
  int64_t max_past_ms = 0;
  int64_t length = 0;  // of text; entries of a collection
  bool variable_length = false;
  double null_rate = 0;
  std::vector<Generator> parts;  // of a nested type
};

// Keys of options that columns take, whether they are set or not.
using OptionKeys = std::set<std::string, std::less<>>;

// The generator of a column; adds the options that it takes to `taken`.
Result<Generator> MakeGenerator(const Options& options, const Field& field, OptionKeys* taken);

// Refuses what begins with "fields." and no column has taken.
Status RefuseOtherColumnOptions(const Options& options, const OptionKeys& taken);

}  // namespace rhei

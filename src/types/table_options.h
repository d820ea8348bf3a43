#pragma once
// The options of every table, whatever its connector: 'rhei.on-error', 'rhei.on-error.retain' and
// 'scan.watermark.*'. Thread-safety: pure functions.
#include <span>
#include <string_view>

#include "types/connector_description.h"

namespace rhei {

std::span<const OptionDef> CommonTableOptions();
// The value of one of them, or its default (empty: it has none).
std::string_view CommonTableOption(const Options& options, std::string_view key);

}  // namespace rhei

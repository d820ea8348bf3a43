#include "types/table_options.h"

#include "types/option_values.h"

namespace rhei {
namespace {

constexpr OptionDef kCommonOptions[] = {
    {.key = "rhei.on-error",
     .type = OptionType::kEnum,
     .default_value = "fail",
     .choices = "fail|skip|reject",
     .doc = "What a record that does not decode does, and a row that an enforcer of the sink "
            "refuses; reject writes it to the table's `$errors`."},
    {.key = "rhei.on-error.retain",
     .type = OptionType::kBytes,
     .default_value = "64mb",
     .doc = "Bytes that `$errors` and `$late` of the table keep each; the oldest files go first."},
    {.key = "scan.watermark.emit.strategy",
     .type = OptionType::kEnum,
     .choices = "on-periodic|on-event",
     .doc = "When the table's watermarks are sent: by `pipeline.auto-watermark-interval`, or after "
            "rows. Default: the setting of the same name."},
    {.key = "scan.watermark.emit.on-event.gap",
     .type = OptionType::kInt,
     .default_value = "1",
     .doc = "With on-event: after how many rows each."},
    {.key = "scan.watermark.idle-timeout",
     .type = OptionType::kDuration,
     .doc = "After this time without rows a split no longer holds the watermark back. Default: "
            "`table.exec.source.idle-timeout`."},
};

}  // namespace

std::span<const OptionDef> CommonTableOptions() {
  return kCommonOptions;
}

std::string_view CommonTableOption(const Options& options, std::string_view key) {
  return OptionValue(kCommonOptions, options, key);
}

}  // namespace rhei

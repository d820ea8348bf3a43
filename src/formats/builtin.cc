// The list of formats. A new format is one line here.
#include "formats/builtin.h"

namespace rhei {
namespace {

constexpr const FormatDef* kFormats[] = {
    &kCsvFormat,
    &kJsonFormat,
    &kRawFormat,
};

}  // namespace

std::span<const FormatDef* const> AllFormats() {
  return kFormats;
}

const FormatDef* FindFormat(std::string_view name) {
  for (const FormatDef* format : kFormats) {
    if (format->name == name) return format;
  }
  return nullptr;
}

}  // namespace rhei

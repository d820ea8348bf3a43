#pragma once
// Reading of completed options. For formats.
#include "types/connector_description.h"

namespace rhei {

// REQUIRES: the option table has `key` (CompleteOptions gave it a value, perhaps "").
const std::string& TextOption(const Options& options, std::string_view key);
bool BoolOption(const Options& options, std::string_view key);

}  // namespace rhei

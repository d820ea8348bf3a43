#pragma once
// The parts of the JSON format, for json.cc and the formats built on JSON.
#include <memory>

#include "formats/format.h"
#include "formats/json/json_value.h"
#include "formats/json/json_writer.h"

namespace rhei {

std::unique_ptr<Decoder> MakeJsonDecoder(const JsonReadOptions& options);
std::unique_ptr<Encoder> MakeJsonEncoder(const JsonWriteOptions& options);

}  // namespace rhei

#include "functions/agg_value.h"

namespace rhei {

void PutUint64(uint64_t value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void PutBytes(std::string_view bytes, std::string* out) {
  PutUint64(bytes.size(), out);
  out->append(bytes);
}

uint64_t SavedBytes::Uint64() {
  uint64_t value = 0;
  if (rest_.size() < sizeof(value)) {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::memcpy(&value, rest_.data(), sizeof(value));
  rest_.remove_prefix(sizeof(value));
  return value;
}

std::string_view SavedBytes::Bytes() {
  const uint64_t size = Uint64();
  if (size > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

Status SavedBytes::Finish() const {
  if (ok_ && rest_.empty()) return {};
  return {ErrorCode::kStateMismatch, "the stored state of an aggregate function is damaged"};
}

Status WrongArgumentTypes(std::string_view name, const CallInfo& call, std::string_view forms) {
  std::string types;
  for (const ArgumentInfo& argument : call.arguments) {
    if (!types.empty()) types += ", ";
    types += '<' + argument.type.WithNullable(true).ToString() + '>';
  }
  const std::string call_name(name);
  return InvalidSql("Cannot apply '" + call_name + "' to arguments of type '" + call_name + "(" +
                    types + ")'. Supported form(s): '" + std::string(forms) + "'");
}

}  // namespace rhei

#include "binder/option_position.h"

#include <string_view>

namespace rhei {
namespace {

bool InName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// As a whole word: 'path' is not in 'source.path.regex-pattern'.
bool Names(std::string_view message, std::string_view word) {
  if (word.empty()) return false;
  for (size_t at = message.find(word); at != std::string_view::npos;
       at = message.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool ends_sentence =
        end < message.size() && message[end] == '.' &&
        (end + 1 == message.size() || message[end + 1] == ' ' || message[end + 1] == '\n');
    if ((at == 0 || !InName(message[at - 1])) &&
        (end == message.size() || !InName(message[end]) || ends_sentence)) {
      return true;
    }
  }
  return false;
}

bool Quotes(std::string_view message, const std::string& value) {
  return !value.empty() && message.find("'" + value + "'") != std::string_view::npos;
}

}  // namespace

Status AtOption(const Status& failure, const std::vector<ast::Option>& options,
                SqlPosition otherwise) {
  std::string_view message = failure.message();
  // What could stand there, and what is like it, are no complaints.
  for (const std::string_view end : {"\n\nSupported options", " Did you mean"}) {
    const size_t cut = message.find(end);
    if (cut == std::string_view::npos) continue;
    const size_t rest = message.find("\n\nUnsupported options");
    // "Unsupported options found for .. Did you mean ..?" is followed by their list.
    if (end == " Did you mean" && rest != std::string_view::npos && rest > cut) {
      message.remove_prefix(rest);
    } else {
      message = message.substr(0, cut);
    }
  }
  const ast::Option* named = nullptr;
  for (const ast::Option& option : options) {
    if (!Names(message, option.key)) continue;
    if (named == nullptr || option.key.size() > named->key.size()) named = &option;
  }
  // Formats name their options without the prefix: 'field-delimiter' of 'csv.field-delimiter'.
  for (const ast::Option& option : options) {
    const size_t dot = option.key.find('.');
    if (named == nullptr && dot != std::string::npos &&
        Names(message, std::string_view(option.key).substr(dot + 1))) {
      named = &option;
    }
  }
  if (named != nullptr) {
    return failure.At(Quotes(message, named->value) ? named->value_position : named->key_position);
  }
  for (const ast::Option& option : options) {
    if (Quotes(message, option.value)) return failure.At(option.value_position);
  }
  return failure.At(otherwise);
}

}  // namespace rhei

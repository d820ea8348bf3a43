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

Status AtOption(const Status& failure, const Options& options, const OptionPlaces& places,
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
  const std::pair<const std::string, std::string>* named = nullptr;
  for (const auto& option : options) {
    if (!Names(message, option.first)) continue;
    if (named == nullptr || option.first.size() > named->first.size()) named = &option;
  }
  // Formats name their options without the prefix: 'field-delimiter' of 'csv.field-delimiter'.
  for (const auto& option : options) {
    const size_t dot = option.first.find('.');
    if (named == nullptr && dot != std::string::npos &&
        Names(message, std::string_view(option.first).substr(dot + 1))) {
      named = &option;
    }
  }
  bool at_value = named != nullptr && Quotes(message, named->second);
  for (const auto& option : options) {
    if (named != nullptr || !Quotes(message, option.second)) continue;
    named = &option;
    at_value = true;
  }
  const auto place = named == nullptr ? places.end() : places.find(named->first);
  if (place == places.end()) return failure.At(otherwise);
  return failure.At(at_value ? place->second.value : place->second.key);
}

void DeclareOptions(const BindContext& context, std::span<const ast::Option> list, Table* table) {
  for (const ast::Option& option : list) {
    table->options[option.key] = option.value;
    table->option_places.erase(option.key);
    if (!context.start.known()) continue;
    table->option_places[option.key] = {InScript(option.key_position, context.start),
                                        InScript(option.value_position, context.start)};
  }
}

void HintOptions(const ast::Hint& hint, Table* table) {
  for (const ast::Option& option : hint.options) {
    table->options[option.key] = option.value;
    table->option_places[option.key] = {option.key_position, option.value_position};
  }
}

}  // namespace rhei

#include "functions/json_path.h"

#include <fmt/format.h>

#include <charconv>

#include "functions/json_path_filter.h"

namespace rhei {
namespace {

using Step = JsonPath::Step;

bool IsNameEnd(char c) {
  return c == '.' || c == '[' || c == '(' || c == ' ';
}

// Reads the steps after '$' or '@'.
class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  Status Parse(std::vector<Step>* steps) {
    while (at_ < text_.size()) {
      Step step;
      if (Accept('.')) {
        step.deep = Accept('.');
        if (at_ < text_.size() && text_[at_] == '[' && step.deep) {
          ++at_;
          RETURN_IF_ERROR(ParseBracket(&step));
        } else {
          RETURN_IF_ERROR(ParseName(&step));
        }
      } else if (Accept('[')) {
        RETURN_IF_ERROR(ParseBracket(&step));
      } else {
        return Bad("Illegal character");
      }
      steps->push_back(std::move(step));
    }
    return {};
  }

 private:
  Status Bad(std::string_view what) const {
    return DataError(fmt::format("{} at position {} in JSON path '{}'", what, at_, text_));
  }
  bool Accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipSpace() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  Status ParseName(Step* step) {
    if (Accept('*')) {
      step->kind = Step::Kind::kWildcard;
      return {};
    }
    // Jayway reads `$.['a']` as `$['a']`.
    if (Accept('[')) return ParseBracket(step);
    const size_t start = at_;
    while (at_ < text_.size() && !IsNameEnd(text_[at_])) ++at_;
    std::string name(text_.substr(start, at_ - start));
    if (name.empty()) return Bad("Path must not end with a '.' or '..'");
    if (Accept('(')) {
      if (!Accept(')') || (name != "length" && name != "size")) {
        return Bad(fmt::format("Function {}() is not supported yet", name));
      }
      step->kind = Step::Kind::kLength;
      return {};
    }
    step->names.push_back(std::move(name));
    return {};
  }

  Status ParseBracket(Step* step) {
    SkipSpace();
    if (Accept('*')) {
      step->kind = Step::Kind::kWildcard;
    } else if (Accept('?')) {
      step->kind = Step::Kind::kFilter;
      const size_t end = FilterEnd();
      if (end == std::string_view::npos) return Bad("Unclosed filter");
      ASSIGN_OR_RETURN(step->filter, ParseJsonFilter(text_.substr(at_, end - at_)));
      at_ = end;
    } else if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
      RETURN_IF_ERROR(ParseNames(step));
    } else {
      RETURN_IF_ERROR(ParseIndexes(step));
    }
    SkipSpace();
    if (!Accept(']')) return Bad("Expected ']'");
    return {};
  }

  // Where the filter's parentheses close.
  size_t FilterEnd() const {
    int depth = 0;
    char quote = '\0';
    for (size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '(') {
        ++depth;
      } else if (c == ')' && --depth == 0) {
        return i + 1;
      }
    }
    return std::string_view::npos;
  }

  Status ParseNames(Step* step) {
    do {
      SkipSpace();
      const char quote = at_ < text_.size() ? text_[at_] : '\0';
      if (quote != '\'' && quote != '"') return Bad("Expected a quoted name");
      std::string name;
      for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        name += text_[at_];
      }
      if (!Accept(quote)) return Bad("Unclosed name");
      step->names.push_back(std::move(name));
      SkipSpace();
    } while (Accept(','));
    return {};
  }

  std::optional<int64_t> ParseNumber() {
    SkipSpace();
    int64_t number = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), number);
    if (error != std::errc()) return std::nullopt;
    at_ += static_cast<size_t>(end - begin);
    SkipSpace();
    return number;
  }

  Status ParseIndexes(Step* step) {
    step->kind = Step::Kind::kIndex;
    const std::optional<int64_t> first = ParseNumber();
    if (Accept(':')) {
      step->kind = Step::Kind::kSlice;
      step->from = first;
      step->to = ParseNumber();
      return {};
    }
    if (!first.has_value()) return Bad("Expected an index");
    step->indexes.push_back(*first);
    while (Accept(',')) {
      const std::optional<int64_t> next = ParseNumber();
      if (!next.has_value()) return Bad("Expected an index");
      step->indexes.push_back(*next);
    }
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Walks to what a simple path selects, checking the whole document on the way.
class Locator {
 public:
  Locator(std::string_view document, const std::vector<Step>& steps)
      : scanner_(document), steps_(steps) {}

  bool Walk(size_t step) {
    if (step == steps_.size()) {
      const char* start = scanner_.position();
      if (!scanner_.SkipValue(static_cast<int>(step))) return false;
      found_ = std::string_view(start, static_cast<size_t>(scanner_.position() - start));
      return true;
    }
    const bool member = steps_[step].kind == Step::Kind::kMember;
    if (scanner_.peek() != (member ? '{' : '[')) {
      return scanner_.SkipValue(static_cast<int>(step));
    }
    return member ? WalkObject(step) : WalkArray(step);
  }
  JsonScanner& scanner() { return scanner_; }
  const std::optional<std::string_view>& found() const { return found_; }

 private:
  bool WalkObject(size_t step) {
    scanner_.Accept('{');
    scanner_.SkipSpace();
    if (scanner_.Accept('}')) return true;
    for (;;) {
      scanner_.SkipSpace();
      if (scanner_.peek() != '"') {
        return scanner_.Expect('"', ": was expecting double-quote to start field name");
      }
      std::string_view raw;
      bool plain;
      if (!scanner_.ReadString(&raw, &plain)) return false;
      bool match = plain && raw == steps_[step].names[0];
      if (!plain) {
        std::string name;
        AppendJsonUnescaped(raw, &name);
        match = name == steps_[step].names[0];
      }
      scanner_.SkipSpace();
      if (!scanner_.Expect(':', ": was expecting a colon to separate field name and value")) {
        return false;
      }
      scanner_.SkipSpace();
      if (match) {
        found_.reset();  // Of equal keys the last counts.
        if (!Walk(step + 1)) return false;
      } else if (!scanner_.SkipValue(static_cast<int>(step) + 1)) {
        return false;
      }
      scanner_.SkipSpace();
      if (scanner_.Accept('}')) return true;
      if (!scanner_.Expect(',', ": was expecting comma to separate Object entries")) return false;
    }
  }

  bool WalkArray(size_t step) {
    scanner_.Accept('[');
    scanner_.SkipSpace();
    if (scanner_.Accept(']')) return true;
    for (int64_t index = 0;; ++index) {
      scanner_.SkipSpace();
      const bool match = index == steps_[step].indexes[0];
      if (match ? !Walk(step + 1) : !scanner_.SkipValue(static_cast<int>(step) + 1)) return false;
      scanner_.SkipSpace();
      if (scanner_.Accept(']')) return true;
      if (!scanner_.Expect(',', ": was expecting comma to separate Array entries")) return false;
    }
  }

  JsonScanner scanner_;
  const std::vector<Step>& steps_;
  std::optional<std::string_view> found_;
};

void CollectDeep(const JsonValue& value, std::vector<const JsonValue*>* out) {
  out->push_back(&value);
  for (const JsonValue& item : value.items) CollectDeep(item, out);
}

}  // namespace

void ApplyJsonStep(const Step& step, const JsonValue& value, std::vector<JsonValue>* out) {
  const auto size = static_cast<int64_t>(value.items.size());
  const bool array = value.kind == JsonValue::Kind::kArray;
  switch (step.kind) {
    case Step::Kind::kMember: {
      if (step.names.size() == 1) {
        const JsonValue* member = value.Member(step.names[0]);
        if (member != nullptr) out->push_back(*member);
        return;
      }
      if (value.kind != JsonValue::Kind::kObject) return;
      JsonValue part;
      part.kind = JsonValue::Kind::kObject;
      for (const std::string& name : step.names) {
        const JsonValue* member = value.Member(name);
        if (member != nullptr) part.SetMember(name, *member);
      }
      out->push_back(std::move(part));
      return;
    }
    case Step::Kind::kIndex:
      for (int64_t index : step.indexes) {
        if (index < 0) index += size;
        if (array && index >= 0 && index < size)
          out->push_back(value.items[static_cast<size_t>(index)]);
      }
      return;
    case Step::Kind::kSlice: {
      if (!array) return;
      int64_t from = step.from.value_or(0);
      int64_t to = step.to.value_or(size);
      if (from < 0) from = std::max<int64_t>(from + size, 0);
      if (to < 0) to += size;
      for (; from < std::min(to, size); ++from) {
        out->push_back(value.items[static_cast<size_t>(from)]);
      }
      return;
    }
    case Step::Kind::kWildcard:
      for (const JsonValue& item : value.items) out->push_back(item);
      return;
    case Step::Kind::kFilter:
      if (array) {
        for (const JsonValue& item : value.items) {
          if (JsonFilterHolds(*step.filter, item)) out->push_back(item);
        }
      } else if (JsonFilterHolds(*step.filter, value)) {
        out->push_back(value);
      }
      return;
    case Step::Kind::kLength: {
      if (value.is_scalar() && value.kind != JsonValue::Kind::kString) return;
      JsonValue length;
      length.kind = JsonValue::Kind::kNumber;
      length.text = std::to_string(value.is_scalar() ? value.text.size() : value.items.size());
      out->push_back(std::move(length));
      return;
    }
  }
}

Status ParseJsonSteps(std::string_view text, std::vector<JsonPath::Step>* steps) {
  return PathParser(text).Parse(steps);
}

Result<JsonPath> JsonPath::Parse(std::string_view text) {
  JsonPath path;
  const auto trim = [](std::string_view part) {
    while (!part.empty() && (part.front() == ' ' || part.front() == '\t' || part.front() == '\n')) {
      part.remove_prefix(1);
    }
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    return part;
  };
  text = trim(text);
  const size_t space = text.find_first_of(" \t");
  std::string word(text.substr(0, space));
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (space != std::string_view::npos && (word == "lax" || word == "strict")) {
    path.lax_ = word == "lax";
    text = trim(text.substr(space));
  }
  if (text.empty()) return DataError("json can not be null or empty");
  if (text[0] == '$') {
    RETURN_IF_ERROR(ParseJsonSteps(text.substr(1), &path.steps_));
  } else {
    RETURN_IF_ERROR(ParseJsonSteps("." + std::string(text), &path.steps_));
  }
  for (const Step& step : path.steps_) {
    const bool one_member = step.kind == Step::Kind::kMember && step.names.size() == 1;
    const bool one_index = step.kind == Step::Kind::kIndex && step.indexes.size() == 1;
    path.simple_ =
        path.simple_ && !step.deep && (one_member || (one_index && step.indexes[0] >= 0));
    path.definite_ =
        path.definite_ && !step.deep &&
        (step.kind == Step::Kind::kMember || one_index || step.kind == Step::Kind::kLength);
  }
  return path;
}

// "No results for path: $['a'][0]"
Status JsonPath::NoResult(size_t steps) const {
  std::string path = "$";
  for (size_t i = 0; i < steps; ++i) {
    const Step& step = steps_[i];
    if (step.kind == Step::Kind::kMember)
      path += fmt::format("['{}']", fmt::join(step.names, "','"));
    if (step.kind == Step::Kind::kIndex) path += fmt::format("[{}]", fmt::join(step.indexes, ","));
  }
  return DataError("No results for path: " + path);
}

void JsonPath::Locate(std::string_view document, Found* found) const {
  *found = Found();
  Locator locator(document, steps_);
  locator.scanner().SkipSpace();
  const char first = locator.scanner().peek();
  const bool number = first == '-' || (first >= '0' && first <= '9');
  if (locator.scanner().position() == document.data() + document.size()) {
    found->error = DataError("No content to map due to end-of-input");
    found->unreadable = true;
  } else if (!locator.Walk(0) || !locator.scanner().CheckRootEnd(number)) {
    found->error = DataError(locator.scanner().error());
    found->unreadable = true;
  } else if (locator.found().has_value()) {
    found->text = *locator.found();
  } else if (!lax_) {
    found->error = NoResult(steps_.size());
  }
  if (lax_) found->error = {};
}

void JsonPath::Evaluate(std::string_view document, Found* found) const {
  *found = Found();
  Result<JsonValue> root = ParseJson(document);
  if (!root.ok()) {
    if (!lax_) found->error = root.status();
    found->unreadable = true;
    return;
  }
  std::vector<JsonValue> values;
  values.push_back(std::move(root).value());
  for (size_t i = 0; i < steps_.size(); ++i) {
    std::vector<JsonValue> next;
    for (const JsonValue& value : values) {
      if (!steps_[i].deep) {
        ApplyJsonStep(steps_[i], value, &next);
        continue;
      }
      std::vector<const JsonValue*> all;
      CollectDeep(value, &all);
      for (const JsonValue* part : all) ApplyJsonStep(steps_[i], *part, &next);
    }
    values = std::move(next);
    if (values.empty() && definite_) {
      if (!lax_) found->error = NoResult(i + 1);
      return;
    }
  }
  if (definite_) {
    found->value = std::move(values[0]);
  } else {
    found->value.emplace();
    found->value->kind = JsonValue::Kind::kArray;
    found->value->items = std::move(values);
  }
}

}  // namespace rhei

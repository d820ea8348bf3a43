#include "functions/json_path_filter.h"

#include <fmt/format.h>

#include "types/number_text.h"

namespace rhei {

// A node of the filter's expression.
struct JsonPath::Filter {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kCompare, kExists };
  struct Operand {
    bool is_path = false;
    std::vector<Step> steps;
    JsonValue literal;
  };
  Kind kind = Kind::kExists;
  std::string op;  // of a comparison
  Operand left;
  Operand right;
  std::vector<Filter> children;
};

namespace {

using Filter = JsonPath::Filter;

class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) {}

  Status ParseAll(Filter* filter) {
    RETURN_IF_ERROR(ParseOr(filter));
    SkipSpace();
    if (at_ != text_.size()) return Bad();
    return {};
  }

 private:
  Status Bad() const {
    return DataError(
        fmt::format("Could not parse token at position {} of filter '{}'", at_, text_));
  }
  void SkipSpace() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Accept(std::string_view token) {
    SkipSpace();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Status ParseChain(Filter* filter, Filter::Kind kind, std::string_view token,
                    Status (FilterParser::*parse)(Filter*)) {
    RETURN_IF_ERROR((this->*parse)(filter));
    while (Accept(token)) {
      Filter both;
      both.kind = kind;
      both.children.push_back(std::move(*filter));
      both.children.emplace_back();
      RETURN_IF_ERROR((this->*parse)(&both.children[1]));
      *filter = std::move(both);
    }
    return {};
  }
  Status ParseOr(Filter* filter) {
    return ParseChain(filter, Filter::Kind::kOr, "||", &FilterParser::ParseAnd);
  }
  Status ParseAnd(Filter* filter) {
    return ParseChain(filter, Filter::Kind::kAnd, "&&", &FilterParser::ParseUnary);
  }

  Status ParseUnary(Filter* filter) {
    if (Accept("!")) {
      filter->kind = Filter::Kind::kNot;
      filter->children.emplace_back();
      return ParseUnary(&filter->children[0]);
    }
    if (Accept("(")) {
      RETURN_IF_ERROR(ParseOr(filter));
      return Accept(")") ? Status() : Bad();
    }
    RETURN_IF_ERROR(ParseOperand(&filter->left));
    for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!Accept(op)) continue;
      filter->kind = Filter::Kind::kCompare;
      filter->op = op;
      return ParseOperand(&filter->right);
    }
    return filter->left.is_path ? Status() : Bad();
  }

  Status ParseOperand(Filter::Operand* operand) {
    SkipSpace();
    if (at_ >= text_.size()) return Bad();
    const size_t start = at_;
    if (Accept("@")) {
      operand->is_path = true;
      const size_t first = at_;
      int depth = 0;
      for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '[') ++depth;
        if (c == ']') --depth;
        if (depth == 0 && std::string_view(" )=!<>&|").find(c) != std::string_view::npos) break;
      }
      return ParseJsonSteps(text_.substr(first, at_ - first), &operand->steps);
    }
    if (text_[at_] == '\'' || text_[at_] == '"') {
      const size_t end = text_.find(text_[at_], at_ + 1);
      if (end == std::string_view::npos) return Bad();
      operand->literal.kind = JsonValue::Kind::kString;
      operand->literal.text = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return {};
    }
    while (at_ < text_.size() &&
           std::string_view(" )=!<>&|").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    Result<JsonValue> literal = ParseJson(text_.substr(start, at_ - start));
    if (!literal.ok()) return Bad();
    operand->literal = std::move(literal).value();
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Nothing when the path leads nowhere.
std::optional<JsonValue> ValueOf(const Filter::Operand& operand, const JsonValue& root) {
  if (!operand.is_path) return operand.literal;
  std::vector<JsonValue> values{root};
  for (const JsonPath::Step& step : operand.steps) {
    std::vector<JsonValue> next;
    for (const JsonValue& value : values) ApplyJsonStep(step, value, &next);
    values = std::move(next);
  }
  if (values.empty()) return std::nullopt;
  return std::move(values[0]);
}

// -1, 0, 1; nothing when the two cannot be compared.
std::optional<int> Compare(const JsonValue& a, const JsonValue& b) {
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == JsonValue::Kind::kNumber) {
    double x = 0;
    double y = 0;
    ParseDouble(a.text, &x);
    ParseDouble(b.text, &y);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a.kind == JsonValue::Kind::kString) {
    const int order = a.text.compare(b.text);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  std::string a_text;
  std::string b_text;
  AppendJson(a, &a_text);
  AppendJson(b, &b_text);
  if (a_text == b_text) return 0;
  return std::nullopt;
}

}  // namespace

Result<std::shared_ptr<const JsonPath::Filter>> ParseJsonFilter(std::string_view text) {
  auto filter = std::make_shared<Filter>();
  RETURN_IF_ERROR(FilterParser(text).ParseAll(filter.get()));
  return std::shared_ptr<const Filter>(std::move(filter));
}

bool JsonFilterHolds(const Filter& filter, const JsonValue& value) {
  switch (filter.kind) {
    case Filter::Kind::kAnd:
      return JsonFilterHolds(filter.children[0], value) &&
             JsonFilterHolds(filter.children[1], value);
    case Filter::Kind::kOr:
      return JsonFilterHolds(filter.children[0], value) ||
             JsonFilterHolds(filter.children[1], value);
    case Filter::Kind::kNot: return !JsonFilterHolds(filter.children[0], value);
    case Filter::Kind::kExists: return ValueOf(filter.left, value).has_value();
    case Filter::Kind::kCompare: break;
  }
  const std::optional<JsonValue> left = ValueOf(filter.left, value);
  const std::optional<JsonValue> right = ValueOf(filter.right, value);
  if (!left.has_value() || !right.has_value()) return filter.op == "!=";
  const std::optional<int> order = Compare(*left, *right);
  if (filter.op == "==") return order == 0;
  if (filter.op == "!=") return order != 0;
  if (!order.has_value()) return false;
  if (filter.op == "<") return *order < 0;
  if (filter.op == "<=") return *order <= 0;
  return filter.op == ">" ? *order > 0 : *order >= 0;
}

}  // namespace rhei

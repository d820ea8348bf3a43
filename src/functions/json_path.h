#pragma once
// JsonPath: a compiled path of JSON_EXISTS, JSON_VALUE and JSON_QUERY, in Jayway's language:
// $.a['b'][0][-1][0:2][0,2].*[*]..x[?(@.price < 10 && @.kind == 'x')], .length(), after an optional
// `lax ` or `strict ` (no word means strict).
//
// Paths of plain members and indexes are found without building a tree (Locate). Others are
// evaluated over a JsonValue. Thread-safety: const access.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "functions/json_text.h"

namespace rhei {

class JsonPath {
 public:
  // An error is one of the path itself; in Flink it counts as an error of every row.
  static Result<JsonPath> Parse(std::string_view text);

  bool lax() const { return lax_; }
  // True when Locate may be called.
  bool simple() const { return simple_; }

  // What the path selects.
  struct Found {
    // Set when the document cannot be read or a strict path leads nowhere.
    Status error;
    // The text of the value in the document; of a simple path only.
    std::optional<std::string_view> text;
    // The value of other paths, or of a simple one when asked for through Evaluate.
    std::optional<JsonValue> value;
    bool unreadable = false;  // `error` is about the document, not the path
  };
  // REQUIRES: simple(). `found->text` points into `document`.
  void Locate(std::string_view document, Found* found) const;
  void Evaluate(std::string_view document, Found* found) const;

  struct Filter;
  struct Step {
    enum class Kind : uint8_t { kMember, kIndex, kSlice, kWildcard, kFilter, kLength };
    Kind kind = Kind::kMember;
    bool deep = false;  // ".." in front of it
    std::vector<std::string> names;
    std::vector<int64_t> indexes;
    std::optional<int64_t> from;
    std::optional<int64_t> to;
    std::shared_ptr<const Filter> filter;
  };

 private:
  Status NoResult(size_t steps) const;
  bool lax_ = false;
  bool simple_ = true;
  bool definite_ = true;
  std::vector<Step> steps_;
};

}  // namespace rhei

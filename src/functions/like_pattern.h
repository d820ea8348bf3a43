#pragma once
// LikePattern: a compiled LIKE pattern. % matches any text, _ one code point that is no line end;
// an escape character (none unless given) makes the next %, _ or escape character literal.
// Patterns without _ (equal, prefix, suffix, contains) are matched with plain searches.
// Thread-safety: const access.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "functions/string_kernel.h"

namespace rhei {

class LikePattern {
 public:
  // InvalidSql when `escape` is not one character or stands before another character.
  Status Compile(std::string_view pattern, std::optional<std::string_view> escape);
  bool Matches(std::string_view text) const;
  void MatchAll(const Texts& texts, int32_t row_count, uint8_t* out) const;

 private:
  enum class Shape : uint8_t { kEqual, kPrefix, kSuffix, kContains, kAnything, kGeneral };
  // The text between two %: literal parts, and _ between them.
  struct Piece {
    std::vector<std::string> literals;  // one more than there are _
  };
  static bool MatchPiece(const Piece& piece, std::string_view text, size_t start, size_t* end);
  static size_t PieceCodePoints(const Piece& piece);
  bool MatchGeneral(std::string_view text) const;

  Shape shape_ = Shape::kEqual;
  std::string literal_;  // the one literal of the simple shapes
  std::vector<Piece> pieces_;
};

}  // namespace rhei

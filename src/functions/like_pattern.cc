#include "functions/like_pattern.h"

#include "functions/text.h"

namespace rhei {
namespace {

bool IsLineEnd(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

}  // namespace

Status LikePattern::Compile(std::string_view pattern, std::optional<std::string_view> escape) {
  if (escape.has_value() && (CountCodePoints(*escape) != 1 || (*escape)[0] == '\0')) {
    return InvalidSql("Invalid escape character '" + std::string(*escape) + "'");
  }
  pieces_.assign(1, {{""}});
  for (size_t offset = 0; offset < pattern.size();) {
    const size_t start = offset;
    offset = Advance(pattern, offset, 1);
    std::string_view character = pattern.substr(start, offset - start);
    if (escape.has_value() && character == *escape) {
      const size_t next = offset;
      offset = Advance(pattern, offset, 1);
      character = pattern.substr(next, offset - next);
      if (character != "_" && character != "%" && character != *escape) {
        return InvalidSql("Invalid escape sequence '" + std::string(pattern) + "', " +
                          std::to_string(CountCodePoints(pattern.substr(0, start))));
      }
      pieces_.back().literals.back() += character;
    } else if (character == "%") {
      pieces_.push_back({{""}});
    } else if (character == "_") {
      pieces_.back().literals.emplace_back();
    } else {
      pieces_.back().literals.back() += character;
    }
  }
  bool simple = pieces_.size() <= 3;
  for (const Piece& piece : pieces_) simple = simple && piece.literals.size() == 1;
  const auto literal = [this](size_t i) { return pieces_[i].literals[0]; };
  shape_ = Shape::kGeneral;
  if (simple && pieces_.size() == 1) {
    shape_ = Shape::kEqual;
    literal_ = literal(0);
  } else if (simple && pieces_.size() == 2 && (literal(0).empty() || literal(1).empty())) {
    shape_ = literal(0).empty() ? Shape::kSuffix : Shape::kPrefix;
    literal_ = literal(0) + literal(1);
    if (literal_.empty()) shape_ = Shape::kAnything;
  } else if (simple && pieces_.size() == 3 && literal(0).empty() && literal(2).empty()) {
    shape_ = Shape::kContains;
    literal_ = literal(1);
  }
  return {};
}

// Whether the piece matches at byte `start`; *end becomes the byte behind it.
bool LikePattern::MatchPiece(const Piece& piece, std::string_view text, size_t start, size_t* end) {
  size_t offset = start;
  for (size_t i = 0; i < piece.literals.size(); ++i) {
    if (i > 0) {
      if (offset >= text.size() || IsLineEnd(NextCodePoint(text, &offset))) return false;
    }
    if (!text.substr(offset).starts_with(piece.literals[i])) return false;
    offset += piece.literals[i].size();
  }
  *end = offset;
  return true;
}

size_t LikePattern::PieceCodePoints(const Piece& piece) {
  size_t count = piece.literals.size() - 1;
  for (const std::string& literal : piece.literals) {
    count += static_cast<size_t>(CountCodePoints(literal));
  }
  return count;
}

// The first piece stands at the start, the last at the end, the others at the first place that
// fits: every piece matches a fixed number of characters, so no later place could be better.
bool LikePattern::MatchGeneral(std::string_view text) const {
  size_t offset = 0;
  if (!MatchPiece(pieces_.front(), text, 0, &offset)) return false;
  if (pieces_.size() == 1) return offset == text.size();
  for (size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.literals.size() == 1) {
      const size_t found = Find(text, piece.literals[0], offset);
      if (found == std::string_view::npos) return false;
      offset = found + piece.literals[0].size();
      continue;
    }
    size_t end = 0;
    while (!MatchPiece(piece, text, offset, &end)) {
      if (offset >= text.size()) return false;
      offset = Advance(text, offset, 1);
    }
    offset = end;
  }
  const Piece& last = pieces_.back();
  size_t start = text.size();
  for (size_t left = PieceCodePoints(last); left > 0; --left) {
    if (start <= offset) return false;
    start = PreviousCodePoint(text, start);
  }
  size_t end = 0;
  return start >= offset && MatchPiece(last, text, start, &end) && end == text.size();
}

bool LikePattern::Matches(std::string_view text) const {
  switch (shape_) {
    case Shape::kEqual: return text == literal_;
    case Shape::kPrefix: return text.starts_with(literal_);
    case Shape::kSuffix: return text.ends_with(literal_);
    case Shape::kContains: return Find(text, literal_) != std::string_view::npos;
    case Shape::kAnything: return true;
    case Shape::kGeneral: break;
  }
  return MatchGeneral(text);
}

void LikePattern::MatchAll(const Texts& texts, int32_t row_count, uint8_t* out) const {
  switch (shape_) {
    case Shape::kPrefix:
      for (int32_t row = 0; row < row_count; ++row) out[row] = texts[row].starts_with(literal_);
      return;
    case Shape::kContains:
      for (int32_t row = 0; row < row_count; ++row) {
        out[row] = Find(texts[row], literal_) != std::string_view::npos;
      }
      return;
    default:
      for (int32_t row = 0; row < row_count; ++row) out[row] = Matches(texts[row]);
  }
}

}  // namespace rhei

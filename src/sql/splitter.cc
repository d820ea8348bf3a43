#include "sql/splitter.h"

namespace rhei {

StatementSplitter::StatementSplitter(std::string_view script) : script_(script) {
  Status error;
  tokens_ = TokenizePrefix(script, &error);
  open_end_ = !error.ok();
  // From an open string on nothing can be told apart.
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != TokenKind::kLoneQuote || script[tokens_[i].begin] != '\'') continue;
    tokens_.resize(i + 1);
    tokens_.push_back(tokens_.back());
    tokens_.back().kind = TokenKind::kEnd;
    open_end_ = true;
  }
}

std::optional<StatementText> StatementSplitter::Next() {
  while (tokens_[index_].kind == TokenKind::kSemicolon) ++index_;
  const Token& first = tokens_[index_];
  if (first.kind == TokenKind::kEnd) {
    if (!open_end_) return std::nullopt;
    open_end_ = false;  // Only text that is no token is left: an open comment, a control character.
    std::string_view rest = script_.substr(first.end);
    if (rest.find_first_not_of(" \t\r\n\f") == std::string_view::npos) return std::nullopt;
    return StatementText{rest, first.end, {}, false};
  }
  size_t i = index_;
  bool in_set = false;
  for (; tokens_[i].kind != TokenKind::kEnd; ++i) {
    const Keyword keyword = tokens_[i].keyword;
    if (keyword == K("BEGIN") && i >= index_ + 2 && tokens_[i - 1].keyword == K("SET") &&
        tokens_[i - 2].keyword == K("STATEMENT")) {
      in_set = true;
    } else if (in_set && keyword == K("END") &&
               (tokens_[i - 1].kind == TokenKind::kSemicolon ||
                tokens_[i - 1].keyword == K("BEGIN"))) {
      in_set = false;
    } else if (!in_set && tokens_[i].kind == TokenKind::kSemicolon) {
      break;
    }
  }
  const bool terminated = tokens_[i].kind == TokenKind::kSemicolon;
  size_t end = tokens_[i - 1].end;
  if (!terminated && open_end_) {
    end = script_.size();
    open_end_ = false;
  }
  StatementText out{script_.substr(first.begin, end - first.begin), first.begin, first.position,
                    terminated};
  index_ = i;
  return out;
}

}  // namespace rhei

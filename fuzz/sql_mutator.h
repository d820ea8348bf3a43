#pragma once
// The mutator of the fuzzers that take SQL: half of the mutations are libFuzzer's own on bytes; the
// others work on tokens, with keywords and pieces of grammar, so that most inputs get past the
// first words of a statement. A fuzzer may bring pieces of its own.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/keyword.h"
#include "sql/token.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

namespace rhei {

inline constexpr std::string_view kSqlPieces[] = {
    "SELECT a, b FROM t WHERE a = 1",
    "(SELECT 1)",
    "UNION ALL SELECT 2",
    "AS x",
    "JOIN u ON a = b",
    "LEFT JOIN LATERAL TABLE(f(a)) AS s(w) ON TRUE",
    "CROSS JOIN UNNEST(arr) WITH ORDINALITY AS n(v, o)",
    "FOR SYSTEM_TIME AS OF t.p",
    "TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))",
    "DATA => TABLE t PARTITION BY a ORDER BY b",
    "GROUP BY ROLLUP(a, (b, c)), GROUPING SETS ((), (a))",
    "OVER (PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
    "FILTER (WHERE a > 1)",
    "WITHIN GROUP (ORDER BY a DESC NULLS LAST)",
    "CASE a WHEN 1, 2 THEN 'x' ELSE NULL END",
    "CAST(a AS ROW<b INT NOT NULL ARRAY, c MAP<STRING, DECIMAL(10, 2)>>)",
    "TRY_CAST(a AS TIMESTAMP(3) WITH LOCAL TIME ZONE)",
    "EXTRACT(DAY FROM a)",
    "TRIM(LEADING 'x' FROM a)",
    "JSON_VALUE(a, '$.b' RETURNING INT DEFAULT 1 ON EMPTY ERROR ON ERROR)",
    "JSON_OBJECT(KEY 'a' VALUE 1, 'b' : JSON_ARRAY(1 FORMAT JSON) ABSENT ON NULL)",
    "JSON_QUERY(a, '$' WITH CONDITIONAL ARRAY WRAPPER EMPTY ARRAY ON EMPTY)",
    "a NOT BETWEEN SYMMETRIC 1 AND 2",
    "a IN (1, (SELECT 2))",
    "a = ANY (SELECT 1)",
    "a LIKE 'x%' ESCAPE '!'",
    "IS NOT DISTINCT FROM b",
    "INTERVAL -'1 2:3' DAY TO MINUTE",
    "ARRAY[1, 2][1].b",
    "MAP['a', 1]",
    "/*+ OPTIONS('a' = 'b'), STATE_TTL(x = '1d'), BROADCAST(t) */",
    "MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES LAST(A.x) AS y AFTER MATCH SKIP TO LAST A "
    "PATTERN (A B+? (C | D){2,3} {- E -}) WITHIN INTERVAL '1' DAY DEFINE A AS A.x > 1)",
    "CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED, b STRING METADATA FROM 'k' VIRTUAL, c AS a + "
    "1, "
    "WATERMARK FOR ts AS ts) WITH ('k' = 'v') LIKE u (INCLUDING ALL)",
    "CREATE VIEW v AS SELECT 1",
    "CREATE MATERIALIZED TABLE m START_MODE = FROM_NOW FRESHNESS = INTERVAL '1' DAY AS SELECT 1",
    "ALTER TABLE t ADD (a INT AFTER b, PRIMARY KEY (a) NOT ENFORCED)",
    "INSERT INTO t PARTITION (a = 1) (b, c) SELECT 1, 2 ON CONFLICT DO NOTHING",
    "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END",
    "EXPLAIN ESTIMATED_COST SELECT 1",
    "SHOW TABLES FROM a.b NOT LIKE '%'",
    "SET 'a' = 'b'",
    ";",
    "(",
    ")",
    ",",
    ".",
    "*",
    "[",
    "]",
    "'it''s'",
    "`a``b`",
    "U&'\\00e9'",
    "E'\\n'",
    "1.5E0",
    "?",
};

// Mutates the text as a list of tokens.
class SqlMutator {
 public:
  SqlMutator(std::string_view text, std::span<const std::string> pieces, unsigned seed)
      : pieces_(pieces), random_(seed) {
    Status error;
    for (const Token& token : TokenizePrefix(text, &error)) {
      if (token.kind != TokenKind::kEnd) {
        words_.emplace_back(text.substr(token.begin, token.end - token.begin));
      }
    }
  }

  std::string Run() {
    const size_t rounds = 1 + Below(4);
    for (size_t i = 0; i < rounds; ++i) Mutate();
    std::string out;
    for (const std::string& word : words_) {
      if (!out.empty()) out += Below(16) == 0 ? '\n' : ' ';
      out += word;
    }
    return out;
  }

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  std::string Word() {
    switch (Below(pieces_.empty() ? 4 : 6)) {
      case 0: return std::string(kKeywords[Below(kKeywordCount)].word);
      case 1: return words_.empty() ? "a" : words_[Below(words_.size())];
      case 2:
      case 3: return std::string(kSqlPieces[Below(sizeof(kSqlPieces) / sizeof(kSqlPieces[0]))]);
      default: return pieces_[Below(pieces_.size())];
    }
  }

  void Mutate() {
    const size_t at = Below(words_.size() + 1);
    const size_t end = std::min(words_.size(), at + 1 + Below(8));
    const auto from = words_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to = words_.begin() + static_cast<std::ptrdiff_t>(std::max(at, end));
    switch (Below(6)) {
      case 0: words_.erase(from, to); break;
      case 1: {
        const std::vector<std::string> copy(from, to);
        const size_t target = Below(words_.size() + 1);
        words_.insert(words_.begin() + static_cast<std::ptrdiff_t>(target), copy.begin(),
                      copy.end());
        break;
      }
      case 2:
        if (at < words_.size()) words_[at] = Word();
        break;
      case 3:
        if (at < words_.size()) std::swap(words_[at], words_[Below(words_.size())]);
        break;
      case 4: {  // Parentheses around a range.
        words_.insert(to, ")");
        words_.insert(words_.begin() + static_cast<std::ptrdiff_t>(at), "(");
        break;
      }
      default: words_.insert(from, Word());
    }
  }

  const std::span<const std::string> pieces_;
  std::minstd_rand random_;
  std::vector<std::string> words_;
};

inline size_t MutateSql(uint8_t* data, size_t size, size_t size_max, unsigned seed,
                        std::span<const std::string> pieces = {}) {
  if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, size_max);
  const std::string text =
      SqlMutator({reinterpret_cast<const char*>(data), size}, pieces, seed).Run();
  const size_t length = std::min(text.size(), size_max);
  memcpy(data, text.data(), length);
  return length;
}

}  // namespace rhei

#pragma once
// ChangeKind: what a row does to the table it belongs to (Flink's RowKind), and ChangelogMode:
// which kinds a stream may carry.
#include <cstdint>
#include <string>
#include <string_view>

namespace rhei {

enum class ChangeKind : uint8_t { kInsert, kUpdateBefore, kUpdateAfter, kDelete };

// "+I", "-U", "+U", "-D".
std::string_view ChangeKindSymbol(ChangeKind kind);
// True for +I and +U: the row is in the table afterwards.
constexpr bool IsAddition(ChangeKind kind) {
  return kind == ChangeKind::kInsert || kind == ChangeKind::kUpdateAfter;
}

struct ChangelogMode {
  bool update_before = false;
  bool update_after = false;
  bool deletes = false;
  // Deletes carry the key columns only (an upsert stream's tombstone).
  bool key_only_deletes = false;

  bool insert_only() const { return !update_before && !update_after && !deletes; }
  bool has_updates() const { return update_after; }
  // Updates come as +U alone, to be read by key.
  bool upsert() const { return update_after && !update_before; }
  static ChangelogMode InsertOnly() { return {}; }
  static ChangelogMode All() { return {true, true, true, false}; }
  static ChangelogMode Upsert() { return {false, true, true, false}; }
  bool operator==(const ChangelogMode&) const = default;
  std::string ToString() const;  // "I,UB,UA,D"
};

}  // namespace rhei

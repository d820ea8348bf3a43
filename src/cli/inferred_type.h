#pragma once
// InferredType: what was seen of one field over many records, and the SQL type that fits it all.
//
// Add what each record holds, in any order; ToSql at the end. What does not fit together is STRING,
// which every value can be read as. Thread-safety: one thread.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rhei {

// How a file writes its timestamps; a table has one style for all of them.
enum class TimestampText : uint8_t { kSql, kIso };

class InferredType {
 public:
  void AddNull() {}
  void AddBool() { seen_ |= kBool; }
  void AddNumber(std::string_view text);  // of the form of JSON numbers
  void AddText(std::string_view text);    // dates and timestamps are recognised
  // Plain text of a CSV cell: also numbers and booleans are recognised.
  void AddCell(std::string_view text);
  InferredType* AddArray();                       // its elements
  InferredType* AddObject();                      // then AddField for each field
  InferredType* AddField(std::string_view name);  // created when it is new
  const std::vector<std::pair<std::string, InferredType>>& fields() const { return fields_; }

  bool IsObject() const { return seen_ == kObject; }
  bool IsText() const;  // in the end a STRING, and not for want of values
  bool empty() const { return seen_ == 0; }
  // Adds the fields (this one or nested) that are timestamps of one style only.
  void CountTimestamps(int* sql, int* iso) const;
  std::string ToSql(TimestampText style) const;

 private:
  enum : uint32_t {
    kBool = 1,
    kBigInt = 2,
    kLongInt = 4,  // does not fit BIGINT
    kDouble = 8,
    kText = 16,
    kDate = 32,
    kSqlTime = 64,
    kIsoTime = 128,
    kSqlZoned = 256,
    kIsoZoned = 512,
    kObject = 1024,
    kArray = 2048,
  };
  bool Only(uint32_t kinds) const { return seen_ != 0 && (seen_ & ~kinds) == 0; }

  uint32_t seen_ = 0;
  size_t fraction_digits_ = 0;  // of timestamps, the most
  size_t integer_digits_ = 0;
  std::vector<std::pair<std::string, InferredType>> fields_;
  std::unique_ptr<InferredType> element_;
};

// The name as it must be written: in backquotes where it is reserved or has other characters than
// letters, digits and _.
std::string SqlName(std::string_view name);

}  // namespace rhei

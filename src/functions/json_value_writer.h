#pragma once
// Values of columns as JSON text, as JSON_STRING, JSON_OBJECT and JSON_ARRAY write them: decimals
// as BigDecimal prints them, times in ISO form, bytes in base64, rows and maps as objects with
// sorted keys. Thread-safety: pure functions.
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "columnar/column.h"

namespace rhei {

// InvalidSql when values of the type cannot be written.
Status CheckJsonType(const DataType& type);
// Appends the value at `row`; null for NULL. REQUIRES: CheckJsonType(type) is ok.
void AppendJsonValue(const Column& column, int32_t row, const DataType& type, std::string* out);

// The members of one object, written sorted; of equal keys the last counts.
class JsonMembers {
 public:
  void Put(std::string_view key, std::string value);
  void Write(std::string* out);  // and forgets them

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

}  // namespace rhei

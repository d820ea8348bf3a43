// Each column: one byte that places NULLs, then the value, big-endian with its sign turned. Strings
// end in 00 00 and write a zero byte as 00 FF, so that a prefix sorts before what it begins.
#include "state/sort_key.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "types/int128.h"
#include "types/temporal.h"

namespace rhei {

namespace {

template <typename T>
void AppendBigEndian(T value, std::string* out) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(static_cast<uint8_t>(value >> shift)));
  }
}

void AppendInt(int64_t value, std::string* out) {
  AppendBigEndian(static_cast<uint64_t>(value) ^ (uint64_t{1} << 63), out);
}

void AppendDouble(double value, std::string* out) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) value = 0.0;
  auto bits = std::bit_cast<uint64_t>(value);
  bits = (bits >> 63) != 0 ? ~bits : bits | (uint64_t{1} << 63);
  AppendBigEndian(bits, out);
}

void AppendText(std::string_view text, std::string* out) {
  for (const char c : text) {
    out->push_back(c);
    if (c == 0) out->push_back(static_cast<char>(0xFF));
  }
  out->append(2, '\0');
}

void AppendValue(const Column& column, PhysicalType type, int32_t row, std::string* out) {
  switch (type) {
    case PhysicalType::kBool: return AppendInt(ColumnReader<uint8_t>(column)[row], out);
    case PhysicalType::kInt8: return AppendInt(ColumnReader<int8_t>(column)[row], out);
    case PhysicalType::kInt16: return AppendInt(ColumnReader<int16_t>(column)[row], out);
    case PhysicalType::kInt32: return AppendInt(ColumnReader<int32_t>(column)[row], out);
    case PhysicalType::kInt64: return AppendInt(ColumnReader<int64_t>(column)[row], out);
    case PhysicalType::kFloat32:
      return AppendDouble(static_cast<double>(ColumnReader<float>(column)[row]), out);
    case PhysicalType::kFloat64: return AppendDouble(ColumnReader<double>(column)[row], out);
    case PhysicalType::kInt128: {
      const auto bits = static_cast<UInt128>(ColumnReader<Int128>(column)[row]);
      return AppendBigEndian(bits ^ (UInt128{1} << 127), out);
    }
    case PhysicalType::kTimestamp9: {
      const Timestamp9 value = ColumnReader<Timestamp9>(column)[row];
      AppendInt(value.micros, out);
      return AppendInt(value.nanos, out);
    }
    case PhysicalType::kString:
      return AppendText(ColumnReader<StringView>(column)[row].view(), out);
    case PhysicalType::kArray:
    case PhysicalType::kMap:
    case PhysicalType::kRow: CHECK(false);
  }
}

}  // namespace

bool SortKeyCodec::IsSortable(PhysicalType type) {
  return type != PhysicalType::kArray && type != PhysicalType::kMap && type != PhysicalType::kRow;
}

void SortKeyCodec::Encode(std::span<const Column* const> columns, int32_t row,
                          std::string* out) const {
  for (const SortColumn& sort : columns_) {
    const Column& column = *columns[static_cast<size_t>(sort.column)];
    if (column.IsNull(row)) {
      out->push_back(sort.nulls_first ? 0 : 2);
      continue;
    }
    out->push_back(1);
    const size_t begin = out->size();
    AppendValue(column, sort.type, row, out);
    if (!sort.descending) continue;
    for (size_t i = begin; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
  }
}

}  // namespace rhei

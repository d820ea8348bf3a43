// The form of docs/formats/row.md.
#include "columnar/row_codec.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace rhei {
namespace {

void PutCount(uint32_t count, std::string* out) {
  while (count >= 0x80) {
    out->push_back(static_cast<char>(count | 0x80));
    count >>= 7;
  }
  out->push_back(static_cast<char>(count));
}

template <typename T>
void PutFixed(const T& value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <typename T>
void PutFloat(T value, bool normalise, std::string* out) {
  if (normalise) {
    if (value == 0) value = 0;
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
  }
  PutFixed(value, out);
}

void PutString(std::string_view text, std::string* out) {
  PutCount(static_cast<uint32_t>(text.size()), out);
  out->append(text);
}

// `count` bits, all 0 (not NULL); returns where they begin.
size_t PutNullBits(size_t count, std::string* out) {
  const size_t at = out->size();
  out->append((count + 7) / 8, '\0');
  return at;
}

void SetNullBit(size_t bits, size_t index, std::string* out) {
  char& byte = (*out)[bits + index / 8];
  byte = static_cast<char>(byte | 1 << index % 8);
}

class Encoder {
 public:
  Encoder(bool normalise, std::string* out) : normalise_(normalise), out_(out) {}

  void Put(const Column& column, int32_t row) const {
    const int32_t index = column.ValueIndex(row);
    if (column.encoding == Encoding::kDictionary) return Put(column.dictionary(), index);
    switch (column.type) {
      case PhysicalType::kBool:
      case PhysicalType::kInt8: return PutFixed(column.data<uint8_t>()[index], out_);
      case PhysicalType::kInt16: return PutFixed(column.data<int16_t>()[index], out_);
      case PhysicalType::kInt32: return PutFixed(column.data<int32_t>()[index], out_);
      case PhysicalType::kInt64: return PutFixed(column.data<int64_t>()[index], out_);
      case PhysicalType::kFloat32: return PutFloat(column.data<float>()[index], normalise_, out_);
      case PhysicalType::kFloat64: return PutFloat(column.data<double>()[index], normalise_, out_);
      case PhysicalType::kInt128: return PutFixed(column.data<Int128>()[index], out_);
      case PhysicalType::kTimestamp9: return PutFixed(column.data<Timestamp9>()[index], out_);
      case PhysicalType::kString: return PutString(column.data<StringView>()[index].view(), out_);
      case PhysicalType::kArray:
      case PhysicalType::kMap: return PutList(column, index);
      case PhysicalType::kRow: return PutFields(column, index);
    }
  }

 private:
  void PutList(const Column& column, int32_t index) const {
    const int32_t begin = column.data<int32_t>()[index];
    const int32_t end = column.data<int32_t>()[index + 1];
    PutCount(static_cast<uint32_t>(end - begin), out_);
    for (const Column& child : column.children) {
      const size_t bits = PutNullBits(static_cast<size_t>(end - begin), out_);
      for (int32_t at = begin; at < end; ++at) {
        if (child.IsNull(at)) {
          SetNullBit(bits, static_cast<size_t>(at - begin), out_);
        } else {
          Put(child, at);
        }
      }
    }
  }
  void PutFields(const Column& column, int32_t index) const {
    const size_t bits = PutNullBits(column.children.size(), out_);
    for (size_t i = 0; i < column.children.size(); ++i) {
      if (column.children[i].IsNull(index)) {
        SetNullBit(bits, i, out_);
      } else {
        Put(column.children[i], index);
      }
    }
  }

  bool normalise_;
  std::string* out_;
};

class Decoder {
 public:
  Decoder(std::string_view bytes, bool share_strings)
      : p_(bytes.data()), end_(p_ + bytes.size()), share_strings_(share_strings) {}
  std::string_view rest() const { return {p_, left()}; }

  // One value per builder, in order; false when the bytes do not hold them. `types` only for null
  // builders.
  bool TakeFields(std::span<ColumnBuilder* const> builders, std::span<const DataType> types = {}) {
    const char* bits = TakeBytes((builders.size() + 7) / 8);
    if (bits == nullptr) return false;
    for (size_t i = 0; i < builders.size(); ++i) {
      const bool is_null = IsNullAt(bits, i);
      if (builders[i] == nullptr) {
        if (!is_null && !Skip(types[i])) return false;
      } else if (is_null) {
        builders[i]->AppendNull();
      } else if (!Take(builders[i])) {
        return false;
      }
    }
    return true;
  }

 private:
  bool Skip(const DataType& type) {
    const PhysicalType physical = PhysicalTypeOf(type);
    if (physical != PhysicalType::kString)
      return TakeBytes(static_cast<size_t>(PhysicalWidth(physical))) != nullptr;
    uint32_t size;
    return TakeCount(&size) && TakeBytes(size) != nullptr;
  }

  size_t left() const { return static_cast<size_t>(end_ - p_); }
  static bool IsNullAt(const char* bits, size_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0; }

  const char* TakeBytes(size_t count) {
    if (count > left()) return nullptr;
    const char* at = p_;
    p_ += count;
    return at;
  }
  bool TakeCount(uint32_t* count) {
    uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (p_ == end_) return false;
      const auto byte = static_cast<unsigned char>(*p_++);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) != 0) continue;
      if (value > UINT32_MAX || (byte == 0 && shift > 0)) return false;  // One form per number.
      *count = static_cast<uint32_t>(value);
      return true;
    }
    return false;
  }
  template <typename T>
  bool TakeFixed(ColumnBuilder* builder) {
    const char* at = TakeBytes(sizeof(T));
    if (at == nullptr) return false;
    T value;
    std::memcpy(&value, at, sizeof(T));
    builder->Append(value);
    return true;
  }
  bool TakeString(ColumnBuilder* builder) {
    uint32_t size;
    if (!TakeCount(&size)) return false;
    const char* at = TakeBytes(size);
    if (at == nullptr) return false;
    if (share_strings_) {
      builder->AppendShared(StringView({at, size}));
    } else {
      builder->AppendString({at, size});
    }
    return true;
  }
  bool TakeList(ColumnBuilder* builder, size_t children) {
    uint32_t count;
    if (!TakeCount(&count)) return false;
    for (size_t child = 0; child < children; ++child) {
      const char* bits = TakeBytes((static_cast<size_t>(count) + 7) / 8);
      if (bits == nullptr) return false;
      for (size_t i = 0; i < count; ++i) {
        if (IsNullAt(bits, i)) {
          builder->child(child).AppendNull();
        } else if (!Take(&builder->child(child))) {
          return false;
        }
      }
    }
    builder->CloseNested();
    return true;
  }
  bool TakeRow(ColumnBuilder* builder, size_t fields) {
    std::vector<ColumnBuilder*> children;
    for (size_t i = 0; i < fields; ++i) children.push_back(&builder->child(i));
    if (!TakeFields(children)) return false;
    builder->CloseNested();
    return true;
  }
  bool Take(ColumnBuilder* builder) {
    const DataType& type = builder->data_type();
    switch (PhysicalTypeOf(type)) {
      case PhysicalType::kBool:
        if (left() > 0 && static_cast<unsigned char>(*p_) > 1) return false;
        return TakeFixed<uint8_t>(builder);
      case PhysicalType::kInt8: return TakeFixed<uint8_t>(builder);
      case PhysicalType::kInt16: return TakeFixed<int16_t>(builder);
      case PhysicalType::kInt32: return TakeFixed<int32_t>(builder);
      case PhysicalType::kInt64: return TakeFixed<int64_t>(builder);
      case PhysicalType::kFloat32: return TakeFixed<float>(builder);
      case PhysicalType::kFloat64: return TakeFixed<double>(builder);
      case PhysicalType::kInt128: return TakeFixed<Int128>(builder);
      case PhysicalType::kTimestamp9: return TakeFixed<Timestamp9>(builder);
      case PhysicalType::kString: return TakeString(builder);
      case PhysicalType::kArray: return TakeList(builder, 1);
      case PhysicalType::kMap: return TakeList(builder, 2);
      case PhysicalType::kRow: return TakeRow(builder, type.child_count());
    }
    CHECK(false);
  }

  const char* p_;
  const char* end_;
  const bool share_strings_;
};

}  // namespace

RowCodec::RowCodec(std::vector<DataType> types, bool normalise_floats)
    : types_(std::move(types)), normalise_floats_(normalise_floats) {}

void RowCodec::Encode(std::span<const Column* const> columns, int32_t row, std::string* out,
                      std::vector<size_t>* bounds) const {
  DCHECK(columns.size() == types_.size());
  const Encoder encoder(normalise_floats_, out);
  const size_t bits = PutNullBits(columns.size(), out);
  if (bounds != nullptr) bounds->assign(1, out->size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i]->IsNull(row)) {
      SetNullBit(bits, i, out);
    } else {
      encoder.Put(*columns[i], row);
    }
    if (bounds != nullptr) bounds->push_back(out->size());
  }
}

void RowCodec::EncodeValues(std::span<const Value> values, std::string* out) const {
  CHECK(values.size() == types_.size());
  std::vector<Column> columns;
  for (size_t i = 0; i < values.size(); ++i) {
    columns.push_back(MakeConstant(values[i], types_[i], 1));
  }
  std::vector<const Column*> pointers;
  for (const Column& column : columns) pointers.push_back(&column);
  Encode(pointers, 0, out);
}

Status RowCodec::Decode(std::string_view* bytes, std::span<ColumnBuilder* const> builders,
                        bool share_strings) const {
  DCHECK(builders.size() == types_.size());
  Decoder decoder(*bytes, share_strings);
  if (!decoder.TakeFields(builders, types_))
    return DataError("row codec: the stored row is damaged");
  *bytes = decoder.rest();
  return {};
}

}  // namespace rhei

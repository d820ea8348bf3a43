#include "columnar/column_builder.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {
namespace {

constexpr int32_t kFirstRows = 64;
constexpr size_t kFirstHeapBytes = 4096;
constexpr size_t kHeapBytesMax = size_t{1} << 20;

bool IsList(PhysicalType type) {
  return type == PhysicalType::kArray || type == PhysicalType::kMap;
}

size_t ValidityBytes(int32_t rows) {
  return (static_cast<size_t>(rows) + 63) / 64 * 8;
}

}  // namespace

ColumnBuilder::ColumnBuilder(const DataType& type, MemoryPool* pool)
    : type_(type),
      physical_(PhysicalTypeOf(type)),
      pool_(pool),
      width_(static_cast<size_t>(PhysicalWidth(physical_))) {
  for (size_t i = 0; i < type.child_count(); ++i) children_.emplace_back(type.child(i), pool);
  if (type.root() == TypeRoot::kMultiset) children_.emplace_back(DataType::Int(false), pool);
}

ColumnBuilder::~ColumnBuilder() = default;
ColumnBuilder::ColumnBuilder(ColumnBuilder&&) noexcept = default;
ColumnBuilder& ColumnBuilder::operator=(ColumnBuilder&&) noexcept = default;

void ColumnBuilder::ReserveRows(int32_t rows) {
  if (rows > row_capacity_) Grow(rows);
}

void ColumnBuilder::Grow(int32_t rows) {
  const int32_t start = std::max(kFirstRows, rows_before_);
  const int32_t capacity = std::max({rows, start, row_capacity_ * 2});
  const size_t one_more = IsList(physical_) ? 1 : 0;
  const size_t used = (static_cast<size_t>(row_count_) + one_more) * width_;
  BufferPtr grown = Buffer::Allocate((static_cast<size_t>(capacity) + one_more) * width_, pool_);
  if (values_ != nullptr) {
    std::memcpy(grown->data(), values_->data(), used);
  } else if (one_more != 0) {
    grown->as<int32_t>()[0] = 0;
  }
  values_ = std::move(grown);
  slots_ = values_->data();
  if (validity_ != nullptr) {
    BufferPtr bits = Buffer::Allocate(ValidityBytes(capacity), pool_);
    std::memset(bits->data(), 0xff, bits->size());
    std::memcpy(bits->data(), validity_->data(), ValidityBytes(row_count_));
    validity_ = std::move(bits);
  }
  row_capacity_ = capacity;
}

void ColumnBuilder::MarkNull(int32_t row) {
  if (validity_ == nullptr) {
    validity_ = Buffer::Allocate(ValidityBytes(row_capacity_), pool_);
    std::memset(validity_->data(), 0xff, validity_->size());
  }
  const auto bit = static_cast<uint32_t>(row);
  validity_->as<uint64_t>()[bit >> 6] &= ~(uint64_t{1} << (bit & 63));
}

void ColumnBuilder::AppendNull() {
  if (row_count_ == row_capacity_) Grow(row_count_ + 1);
  if (IsList(physical_)) {
    list_ends()[row_count_] = children_[0].row_count();
  } else if (physical_ == PhysicalType::kRow) {
    for (ColumnBuilder& child : children_) child.AppendNull();
  } else {
    std::memset(slots_ + static_cast<size_t>(row_count_) * width_, 0, width_);
  }
  MarkNull(row_count_);
  ++row_count_;
}

char* ColumnBuilder::HeapSpace(size_t bytes) {
  if (heap_used_ + bytes > heap_size_) {
    if (heap_ != nullptr) heaps_.push_back(std::move(heap_));
    heap_size_ = std::max(bytes, std::clamp(heap_size_ * 2, kFirstHeapBytes, kHeapBytesMax));
    heap_ = Buffer::Allocate(heap_size_, pool_);
    heap_used_ = 0;
  }
  char* space = heap_->chars() + heap_used_;
  heap_used_ += bytes;
  return space;
}

void ColumnBuilder::AppendString(std::string_view text) {
  if (text.size() <= StringView::kInlineMax) {
    Append(StringView(text));
    return;
  }
  char* copy = HeapSpace(text.size());
  std::memcpy(copy, text.data(), text.size());
  Append(StringView(std::string_view(copy, text.size())));
}

void ColumnBuilder::AppendShared(StringView text) {
  Append(text);
}

void ColumnBuilder::AddHeap(BufferPtr heap) {
  if (heaps_.empty() || heaps_.back() != heap) heaps_.push_back(std::move(heap));
}

void ColumnBuilder::CloseNested() {
  if (row_count_ == row_capacity_) Grow(row_count_ + 1);
  if (IsList(physical_)) {
    DCHECK(physical_ != PhysicalType::kMap || children_[0].row_count() == children_[1].row_count());
    list_ends()[row_count_] = children_[0].row_count();
  } else {
    DCHECK(children_.empty() || children_[0].row_count() == row_count_ + 1);
  }
  ++row_count_;
}

void ColumnBuilder::AppendValue(const Value& value) {
  if (value.is_null()) {
    AppendNull();
    return;
  }
  switch (physical_) {
    case PhysicalType::kBool: Append<uint8_t>(value.bool_value() ? 1 : 0); return;
    case PhysicalType::kInt8: Append(static_cast<int8_t>(value.int_value())); return;
    case PhysicalType::kInt16: Append(static_cast<int16_t>(value.int_value())); return;
    case PhysicalType::kInt32: Append(static_cast<int32_t>(value.int_value())); return;
    case PhysicalType::kInt64: Append(value.int_value()); return;
    case PhysicalType::kFloat32: Append(static_cast<float>(value.double_value())); return;
    case PhysicalType::kFloat64: Append(value.double_value()); return;
    case PhysicalType::kInt128: Append(value.big_value()); return;
    case PhysicalType::kTimestamp9: Append(value.time9_value()); return;
    case PhysicalType::kString: AppendString(value.text()); return;
    case PhysicalType::kArray:
      for (const Value& element : value.nested()) children_[0].AppendValue(element);
      break;
    case PhysicalType::kMap:
      CHECK(value.nested().size() % 2 == 0);
      for (size_t i = 0; i < value.nested().size(); ++i) {
        children_[i % 2].AppendValue(value.nested()[i]);
      }
      break;
    case PhysicalType::kRow:
      CHECK(value.nested().size() == children_.size());
      for (size_t i = 0; i < children_.size(); ++i) children_[i].AppendValue(value.nested()[i]);
      break;
  }
  CloseNested();
}

void ColumnBuilder::AppendFrom(const Column& column, int32_t row) {
  DCHECK(column.type == physical_);
  if (column.IsNull(row)) {
    AppendNull();
    return;
  }
  const int32_t index = column.ValueIndex(row);
  AppendFromFlat(column.encoding == Encoding::kDictionary ? column.dictionary() : column, index);
}

void ColumnBuilder::AppendFromFlat(const Column& column, int32_t row) {
  switch (physical_) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: Append(column.data<uint8_t>()[row]); return;
    case PhysicalType::kInt16: Append(column.data<int16_t>()[row]); return;
    case PhysicalType::kInt32: Append(column.data<int32_t>()[row]); return;
    case PhysicalType::kInt64: Append(column.data<int64_t>()[row]); return;
    case PhysicalType::kFloat32: Append(column.data<float>()[row]); return;
    case PhysicalType::kFloat64: Append(column.data<double>()[row]); return;
    case PhysicalType::kInt128: Append(column.data<Int128>()[row]); return;
    case PhysicalType::kTimestamp9: Append(column.data<Timestamp9>()[row]); return;
    case PhysicalType::kString: AppendString(column.data<StringView>()[row].view()); return;
    case PhysicalType::kArray:
    case PhysicalType::kMap: {
      const int32_t* offsets = column.data<int32_t>();
      for (size_t i = 0; i < children_.size(); ++i) {
        for (int32_t at = offsets[row]; at < offsets[row + 1]; ++at) {
          children_[i].AppendFrom(column.children[i], at);
        }
      }
      break;
    }
    case PhysicalType::kRow:
      for (size_t i = 0; i < children_.size(); ++i) {
        children_[i].AppendFrom(column.children[i], row);
      }
      break;
  }
  CloseNested();
}

void ColumnBuilder::Truncate(int32_t row_count) {
  CHECK(row_count >= 0 && row_count <= row_count_);
  if (validity_ != nullptr) {
    for (int32_t row = row_count; row < row_count_; ++row) {
      const auto bit = static_cast<uint32_t>(row);
      validity_->as<uint64_t>()[bit >> 6] |= uint64_t{1} << (bit & 63);
    }
  }
  row_count_ = row_count;
  // Children go back to where the last whole row ends, also when a row was left half built.
  for (ColumnBuilder& child : children_) {
    const int32_t end = !IsList(physical_) ? row_count
                        : values_ == nullptr
                            ? 0
                            : values_->as<int32_t>()[static_cast<size_t>(row_count)];
    child.Truncate(end);
  }
}

Column ColumnBuilder::Finish() {
  if (values_ == nullptr) Grow(1);
  Column column;
  column.type = physical_;
  column.row_count = row_count_;
  if (width_ > 0) {
    const size_t slots = static_cast<size_t>(row_count_) + (IsList(physical_) ? 1 : 0);
    values_->Shrink(slots * width_);
    column.values = std::move(values_);
  }
  column.validity = std::move(validity_);
  for (ColumnBuilder& child : children_) {
    // A ROW's children may not be shorter than it; dangling elements of an open row are a bug.
    DCHECK(IsList(physical_) || child.row_count() == row_count_);
    column.children.push_back(child.Finish());
  }
  if (heap_ != nullptr && heap_used_ > 0) heaps_.push_back(std::move(heap_));
  column.heaps = std::move(heaps_);
  values_.reset();
  validity_.reset();
  heap_.reset();
  heaps_.clear();
  heap_size_ = std::min(heap_size_ / 2, kHeapBytesMax / 2);  // the next heap is as large again
  heap_used_ = heap_size_;
  slots_ = nullptr;
  rows_before_ = row_count_;
  row_count_ = 0;
  row_capacity_ = 0;
  return column;
}

}  // namespace rhei

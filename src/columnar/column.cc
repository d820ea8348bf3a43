#include "columnar/column.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace rhei {
namespace {

bool IsList(PhysicalType type) {
  return type == PhysicalType::kArray || type == PhysicalType::kMap;
}

size_t WordCount(int32_t rows) {
  return (static_cast<size_t>(rows) + 63) / 64;
}

size_t Width(const Column& column) {
  return static_cast<size_t>(PhysicalWidth(column.type));
}

// A slot of 16 bytes that need not be understood to be moved.
struct Slot16 {
  uint64_t low, high;
};

template <typename T>
void GatherSlots(const void* from, const int32_t* rows, size_t count, void* to) {
  const T* in = static_cast<const T*>(from);
  T* out = static_cast<T*>(to);
  for (size_t i = 0; i < count; ++i) out[i] = in[rows[i]];
}

BufferPtr GatherFixed(const BufferPtr& values, size_t width, std::span<const int32_t> rows,
                      MemoryPool* pool) {
  BufferPtr out = Buffer::Allocate(rows.size() * width, pool);
  const void* in = values->data();
  switch (width) {
    case 1: GatherSlots<uint8_t>(in, rows.data(), rows.size(), out->data()); break;
    case 2: GatherSlots<uint16_t>(in, rows.data(), rows.size(), out->data()); break;
    case 4: GatherSlots<uint32_t>(in, rows.data(), rows.size(), out->data()); break;
    case 8: GatherSlots<uint64_t>(in, rows.data(), rows.size(), out->data()); break;
    default: GatherSlots<Slot16>(in, rows.data(), rows.size(), out->data()); break;
  }
  return out;
}

bool AllSet(const BufferPtr& validity, int32_t row_count) {
  const uint64_t* words = validity->as<uint64_t>();
  const auto rows = static_cast<size_t>(row_count);
  for (size_t i = 0; i < rows / 64; ++i) {
    if (words[i] != ~uint64_t{0}) return false;
  }
  const uint64_t tail = (uint64_t{1} << (rows % 64)) - 1;
  return rows % 64 == 0 || (words[rows / 64] & tail) == tail;
}

BufferPtr GatherValidity(const BufferPtr& validity, std::span<const int32_t> rows,
                         MemoryPool* pool) {
  if (validity == nullptr) return nullptr;
  const auto count = static_cast<int32_t>(rows.size());
  BufferPtr out = Buffer::AllocateZeroed(WordCount(count) * 8, pool);
  const uint64_t* in = validity->as<uint64_t>();
  uint64_t* words = out->as<uint64_t>();
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<uint32_t>(rows[i]);
    words[i >> 6] |= ((in[row >> 6] >> (row & 63)) & 1) << (i & 63);
  }
  return AllSet(out, count) ? nullptr : out;
}

BufferPtr SliceValidity(const BufferPtr& validity, int32_t offset, int32_t row_count,
                        MemoryPool* pool) {
  if (validity == nullptr) return nullptr;
  BufferPtr out = Buffer::AllocateZeroed(WordCount(row_count) * 8, pool);
  const uint64_t* in = validity->as<uint64_t>() + offset / 64;
  uint64_t* words = out->as<uint64_t>();
  const int shift = offset % 64;
  // The padding of a buffer lets the last word be read past the end.
  for (size_t i = 0; i < WordCount(row_count); ++i) {
    words[i] = shift == 0 ? in[i] : (in[i] >> shift) | (in[i + 1] << (64 - shift));
  }
  return AllSet(out, row_count) ? nullptr : out;
}

// The element positions of the lists at `rows`, and the new offsets.
std::vector<int32_t> ListElements(const Column& lists, std::span<const int32_t> rows,
                                  int32_t* offsets) {
  const int32_t* in = lists.data<int32_t>();
  offsets[0] = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    offsets[i + 1] = offsets[i] + in[rows[i] + 1] - in[rows[i]];
  }
  std::vector<int32_t> elements(static_cast<size_t>(offsets[rows.size()]));
  size_t at = 0;
  for (const int32_t row : rows) {
    for (int32_t element = in[row]; element < in[row + 1]; ++element) elements[at++] = element;
  }
  return elements;
}

Column GatherFlat(const Column& column, std::span<const int32_t> rows, MemoryPool* pool) {
  Column out;
  out.type = column.type;
  out.row_count = static_cast<int32_t>(rows.size());
  out.validity = GatherValidity(column.validity, rows, pool);
  out.heaps = column.heaps;
  if (IsList(column.type)) {
    out.values = Buffer::Allocate((rows.size() + 1) * sizeof(int32_t), pool);
    const std::vector<int32_t> elements = ListElements(column, rows, out.values->as<int32_t>());
    for (const Column& child : column.children) {
      out.children.push_back(Gather(child, elements, pool));
    }
  } else if (column.type == PhysicalType::kRow) {
    for (const Column& child : column.children) out.children.push_back(Gather(child, rows, pool));
  } else {
    out.values = GatherFixed(column.values, Width(column), rows, pool);
  }
  return out;
}

template <typename T>
void FillSlots(const void* from, int32_t count, void* to) {
  std::fill_n(static_cast<T*>(to), count, *static_cast<const T*>(from));
}

Column FlattenConstant(const Column& column, MemoryPool* pool) {
  Column one = column;
  one.encoding = Encoding::kFlat;
  one.row_count = 1;
  Column out;
  if (Width(column) == 0 || IsList(column.type)) {
    const std::vector<int32_t> zeros(static_cast<size_t>(column.row_count), 0);
    out = GatherFlat(one, zeros, pool);
    for (Column& child : out.children) child = Flatten(child, pool);
    return out;
  }
  out.type = column.type;
  out.row_count = column.row_count;
  out.heaps = column.heaps;
  const void* in = column.values->data();
  out.values = Buffer::Allocate(static_cast<size_t>(column.row_count) * Width(column), pool);
  switch (Width(column)) {
    case 1: FillSlots<uint8_t>(in, column.row_count, out.values->data()); break;
    case 2: FillSlots<uint16_t>(in, column.row_count, out.values->data()); break;
    case 4: FillSlots<uint32_t>(in, column.row_count, out.values->data()); break;
    case 8: FillSlots<uint64_t>(in, column.row_count, out.values->data()); break;
    default: FillSlots<Slot16>(in, column.row_count, out.values->data()); break;
  }
  out.validity = FlatValidity(column, pool);
  return out;
}

Column FlattenDictionary(const Column& column, MemoryPool* pool) {
  const Column& dictionary = column.dictionary();
  const std::span<const int32_t> codes(column.values->as<int32_t>(),
                                       static_cast<size_t>(column.row_count));
  if (column.validity == nullptr) return Gather(dictionary, codes, pool);
  if (dictionary.row_count == 0) {  // Only NULLs.
    Column nulls = dictionary;
    nulls.row_count = column.row_count;
    nulls.values =
        Buffer::AllocateZeroed(static_cast<size_t>(column.row_count) * Width(dictionary), pool);
    nulls.validity = column.validity;
    return nulls;
  }
  Column out = Gather(dictionary, codes, pool);
  out.validity = column.validity;
  // A NULL's code is some code; its value must be the zero of its type.
  const size_t width = Width(dictionary);
  for (int32_t row = 0; row < column.row_count; ++row) {
    if (!column.IsNull(row)) continue;
    std::memset(out.values->data() + static_cast<size_t>(row) * width, 0, width);
  }
  return out;
}

void AppendBits(const BufferPtr& from, int32_t row_count, int32_t at, uint64_t* words) {
  for (int32_t row = 0; row < row_count; ++row) {
    const auto in = static_cast<uint32_t>(row);
    const auto out = static_cast<uint32_t>(at + row);
    const uint64_t bit = from == nullptr ? 1 : (from->as<uint64_t>()[in >> 6] >> (in & 63)) & 1;
    words[out >> 6] |= bit << (out & 63);
  }
}

BufferPtr ConcatenateValidity(std::span<const Column> parts, int32_t total, MemoryPool* pool) {
  const bool any = std::any_of(parts.begin(), parts.end(),
                               [](const Column& part) { return part.validity != nullptr; });
  if (!any) return nullptr;
  BufferPtr out = Buffer::AllocateZeroed(WordCount(total) * 8, pool);
  int32_t at = 0;
  for (const Column& part : parts) {
    AppendBits(part.validity, part.row_count, at, out->as<uint64_t>());
    at += part.row_count;
  }
  return out;
}

// Offsets of the parts one after the other, and the parts' children cut to what they use.
void ConcatenateLists(std::span<const Column> parts, int32_t total, MemoryPool* pool, Column* out) {
  out->values = Buffer::Allocate((static_cast<size_t>(total) + 1) * sizeof(int32_t), pool);
  int32_t* offsets = out->values->as<int32_t>();
  offsets[0] = 0;
  for (const Column& part : parts) {
    const int32_t* in = part.data<int32_t>();
    const int32_t shift = offsets[0] - in[0];
    for (int32_t row = 0; row < part.row_count; ++row) offsets[row + 1] = in[row + 1] + shift;
    offsets += part.row_count;
  }
  for (size_t child = 0; child < parts[0].children.size(); ++child) {
    std::vector<Column> pieces;
    for (const Column& part : parts) {
      const int32_t* in = part.data<int32_t>();
      pieces.push_back(Slice(part.children[child], in[0], in[part.row_count] - in[0], pool));
    }
    std::vector<const Column*> pointers;
    for (const Column& piece : pieces) pointers.push_back(&piece);
    out->children.push_back(Concatenate(pointers, pool));
  }
}

}  // namespace

BufferPtr MakeValidity(int32_t row_count, MemoryPool* pool) {
  BufferPtr out = Buffer::Allocate(WordCount(row_count) * 8, pool);
  std::memset(out->data(), 0xff, out->size());
  return out;
}

BufferPtr AndValidity(const BufferPtr& a, const BufferPtr& b, int32_t row_count, MemoryPool* pool) {
  if (a == nullptr || a == b) return b;
  if (b == nullptr) return a;
  BufferPtr out = Buffer::Allocate(WordCount(row_count) * 8, pool);
  const uint64_t* left = a->as<uint64_t>();
  const uint64_t* right = b->as<uint64_t>();
  uint64_t* words = out->as<uint64_t>();
  for (size_t i = 0; i < WordCount(row_count); ++i) words[i] = left[i] & right[i];
  return out;
}

BufferPtr FlatValidity(const Column& column, MemoryPool* pool) {
  if (column.validity == nullptr || !column.is_constant()) return column.validity;
  if (!column.IsNull(0)) return nullptr;
  return Buffer::AllocateZeroed(WordCount(column.row_count) * 8, pool);
}

Column Flatten(const Column& column, MemoryPool* pool) {
  if (column.encoding == Encoding::kConstant) return FlattenConstant(column, pool);
  if (column.encoding == Encoding::kDictionary) return FlattenDictionary(column, pool);
  Column out = column;
  for (Column& child : out.children) child = Flatten(child, pool);
  return out;
}

Column Gather(const Column& column, std::span<const int32_t> rows, MemoryPool* pool) {
  if (column.is_flat()) return GatherFlat(column, rows, pool);
  Column out = column;
  out.row_count = static_cast<int32_t>(rows.size());
  if (column.is_constant()) return out;
  out.values = GatherFixed(column.values, sizeof(int32_t), rows, pool);
  out.validity = GatherValidity(column.validity, rows, pool);
  return out;
}

Column Slice(const Column& column, int32_t offset, int32_t row_count, MemoryPool* pool) {
  DCHECK(offset >= 0 && row_count >= 0 && offset + row_count <= column.row_count);
  Column out = column;
  out.row_count = row_count;
  if (column.is_constant() || (offset == 0 && row_count == column.row_count)) return out;
  out.validity = SliceValidity(column.validity, offset, row_count, pool);
  const auto rows = static_cast<size_t>(row_count);
  if (column.is_flat() && column.type == PhysicalType::kRow) {
    for (Column& child : out.children) child = Slice(child, offset, row_count, pool);
    return out;
  }
  if (column.is_flat() && IsList(column.type)) {
    const int32_t* in = column.data<int32_t>() + offset;
    out.values = Buffer::Allocate((rows + 1) * sizeof(int32_t), pool);
    int32_t* offsets = out.values->as<int32_t>();
    for (size_t i = 0; i <= rows; ++i) offsets[i] = in[i] - in[0];
    for (Column& child : out.children) child = Slice(child, in[0], offsets[rows], pool);
    return out;
  }
  const size_t width = column.is_flat() ? Width(column) : sizeof(int32_t);
  out.values = Buffer::Allocate(rows * width, pool);
  std::memcpy(out.values->data(), column.values->data() + static_cast<size_t>(offset) * width,
              rows * width);
  return out;
}

Column Concatenate(std::span<const Column* const> parts, MemoryPool* pool) {
  CHECK(!parts.empty());
  if (parts.size() == 1) return Flatten(*parts[0], pool);
  std::vector<Column> flat;
  int32_t total = 0;
  for (const Column* part : parts) {
    DCHECK(part->type == parts[0]->type);
    flat.push_back(Flatten(*part, pool));
    total += part->row_count;
  }
  Column out;
  out.type = parts[0]->type;
  out.row_count = total;
  out.validity = ConcatenateValidity(flat, total, pool);
  if (IsList(out.type)) {
    ConcatenateLists(flat, total, pool, &out);
    return out;
  }
  if (out.type == PhysicalType::kRow) {
    for (size_t child = 0; child < flat[0].children.size(); ++child) {
      std::vector<const Column*> pieces;
      for (const Column& part : flat) pieces.push_back(&part.children[child]);
      out.children.push_back(Concatenate(pieces, pool));
    }
    return out;
  }
  const size_t width = Width(out);
  out.values = Buffer::Allocate(static_cast<size_t>(total) * width, pool);
  std::byte* to = out.values->data();
  for (const Column& part : flat) {
    const size_t bytes = static_cast<size_t>(part.row_count) * width;
    std::memcpy(to, part.values->data(), bytes);
    to += bytes;
    for (const BufferPtr& heap : part.heaps) {
      if (std::find(out.heaps.begin(), out.heaps.end(), heap) == out.heaps.end()) {
        out.heaps.push_back(heap);
      }
    }
  }
  return out;
}

Column CopyStrings(const Column& column, MemoryPool* pool) {
  Column out = column;
  for (Column& child : out.children) child = CopyStrings(child, pool);
  if (column.type != PhysicalType::kString || column.encoding == Encoding::kDictionary) return out;
  const auto rows = static_cast<size_t>(column.is_constant() ? 1 : column.row_count);
  const StringView* in = column.data<StringView>();
  size_t bytes = 0;
  for (size_t i = 0; i < rows; ++i) bytes += in[i].is_inline() ? 0 : in[i].size();
  out.heaps.clear();
  if (bytes == 0) return out;
  BufferPtr heap = Buffer::Allocate(bytes, pool);
  out.values = Buffer::Allocate(rows * sizeof(StringView), pool);
  auto* views = out.values->as<StringView>();
  char* to = heap->chars();
  for (size_t i = 0; i < rows; ++i) {
    views[i] = in[i];
    if (in[i].is_inline()) continue;
    std::memcpy(to, in[i].data(), in[i].size());
    views[i] = StringView(std::string_view(to, in[i].size()));
    to += in[i].size();
  }
  out.heaps.push_back(std::move(heap));
  return out;
}

int32_t CountNulls(const Column& column) {
  if (column.validity == nullptr) return 0;
  if (column.is_constant()) return column.IsNull(0) ? column.row_count : 0;
  const uint64_t* words = column.validity->as<uint64_t>();
  const auto rows = static_cast<size_t>(column.row_count);
  int32_t valid = 0;
  for (size_t i = 0; i < rows / 64; ++i) valid += std::popcount(words[i]);
  if (rows % 64 != 0) {
    valid += std::popcount(words[rows / 64] & ((uint64_t{1} << (rows % 64)) - 1));
  }
  return column.row_count - valid;
}

int64_t ColumnBytes(const Column& column) {
  size_t bytes = 0;
  if (column.values != nullptr) bytes += column.values->size();
  if (column.validity != nullptr) bytes += column.validity->size();
  for (const BufferPtr& heap : column.heaps) bytes += heap->size();
  auto total = static_cast<int64_t>(bytes);
  for (const Column& child : column.children) total += ColumnBytes(child);
  return total;
}

}  // namespace rhei

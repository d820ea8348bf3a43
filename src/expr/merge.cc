#include "expr/merge.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhei {
namespace {

struct Slot16 {
  uint64_t low, high;
};

template <typename T>
void CopySlots(const Column& from, const RowMask& rows, void* to) {
  const T* in = from.data<T>();
  T* out = static_cast<T*>(to);
  if (from.is_constant()) {
    ForEachRow(rows, [&](int32_t row) { out[row] = in[0]; });
    return;
  }
  for (size_t word = 0; word < rows.size(); ++word) {
    if (rows[word] == ~uint64_t{0}) {
      std::memcpy(out + word * 64, in + word * 64, 64 * sizeof(T));
      continue;
    }
    for (uint64_t bits = rows[word]; bits != 0; bits &= bits - 1) {
      const size_t row = word * 64 + static_cast<size_t>(__builtin_ctzll(bits));
      out[row] = in[row];
    }
  }
}

bool IsNested(PhysicalType type) {
  return type == PhysicalType::kArray || type == PhysicalType::kMap || type == PhysicalType::kRow;
}

// The rows that are valid in the part they come from; null when that is all of them.
BufferPtr MergeValidity(std::span<const MergePart> parts, int32_t row_count, MemoryPool* pool) {
  RowMask valid, all;
  FillMask(row_count, &all);
  RowMask merged(all.size(), 0);
  for (const MergePart& part : parts) {
    ValidMask(part.column, &valid);
    for (size_t i = 0; i < merged.size(); ++i) merged[i] |= valid[i] & part.rows[i];
  }
  if (merged == all) return nullptr;
  BufferPtr validity = Buffer::Allocate(merged.size() * 8, pool);
  std::memcpy(validity->data(), merged.data(), merged.size() * 8);
  return validity;
}

// Lists and rows: put the parts one after the other and pick from that.
Column MergeNested(std::span<const MergePart> parts, int32_t row_count, MemoryPool* pool) {
  std::vector<const Column*> columns;
  std::vector<int32_t> picks(static_cast<size_t>(row_count), 0);
  for (size_t part = 0; part < parts.size(); ++part) {
    columns.push_back(&parts[part].column);
    const int32_t base = static_cast<int32_t>(part) * row_count;
    ForEachRow(parts[part].rows,
               [&](int32_t row) { picks[static_cast<size_t>(row)] = base + row; });
  }
  Column merged = Gather(Concatenate(columns, pool), picks, pool);
  merged.validity = MergeValidity(parts, row_count, pool);
  return merged;
}

}  // namespace

Column MergeRows(std::span<const MergePart> parts, int32_t row_count, MemoryPool* pool) {
  CHECK(!parts.empty());
  if (IsNested(parts[0].column.type)) return MergeNested(parts, row_count, pool);
  Column out;
  out.type = parts[0].column.type;
  out.row_count = row_count;
  const auto width = static_cast<size_t>(PhysicalWidth(out.type));
  out.values = Buffer::AllocateZeroed(static_cast<size_t>(row_count) * width, pool);
  for (const MergePart& part : parts) {
    const bool dictionary = part.column.encoding == Encoding::kDictionary;
    const Column& column = dictionary ? Flatten(part.column, pool) : part.column;
    DCHECK(column.type == out.type);
    void* to = out.values->data();
    switch (width) {
      case 1: CopySlots<uint8_t>(column, part.rows, to); break;
      case 2: CopySlots<uint16_t>(column, part.rows, to); break;
      case 4: CopySlots<uint32_t>(column, part.rows, to); break;
      case 8: CopySlots<uint64_t>(column, part.rows, to); break;
      default: CopySlots<Slot16>(column, part.rows, to); break;
    }
    for (const BufferPtr& heap : column.heaps) {
      if (std::find(out.heaps.begin(), out.heaps.end(), heap) == out.heaps.end()) {
        out.heaps.push_back(heap);
      }
    }
  }
  out.validity = MergeValidity(parts, row_count, pool);
  return out;
}

}  // namespace rhei

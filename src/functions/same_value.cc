#include "base/check.h"
#include "functions/comparison.h"
#include "types/int128.h"
#include "types/temporal.h"

namespace rhei {
namespace {

template <typename T>
bool SameSlot(const Column& a, int32_t i, const Column& b, int32_t j) {
  return a.data<T>()[i] == b.data<T>()[j];
}

bool SameArray(const Column& a, int32_t i, const Column& b, int32_t j) {
  const int32_t* from_a = a.data<int32_t>();
  const int32_t* from_b = b.data<int32_t>();
  const int32_t size = from_a[i + 1] - from_a[i];
  if (from_b[j + 1] - from_b[j] != size) return false;
  for (int32_t k = 0; k < size; ++k) {
    if (!SameValue(a.children[0], from_a[i] + k, b.children[0], from_b[j] + k)) return false;
  }
  return true;
}

bool SameMap(const Column& a, int32_t i, const Column& b, int32_t j) {
  const int32_t* from_a = a.data<int32_t>();
  const int32_t* from_b = b.data<int32_t>();
  if (from_a[i + 1] - from_a[i] != from_b[j + 1] - from_b[j]) return false;
  for (int32_t k = from_a[i]; k < from_a[i + 1]; ++k) {
    bool found = false;
    for (int32_t l = from_b[j]; l < from_b[j + 1] && !found; ++l) {
      found = SameValue(a.children[0], k, b.children[0], l) &&
              SameValue(a.children[1], k, b.children[1], l);
    }
    if (!found) return false;
  }
  return true;
}

bool SameRow(const Column& a, int32_t i, const Column& b, int32_t j) {
  for (size_t field = 0; field < a.children.size(); ++field) {
    if (!SameValue(a.children[field], i, b.children[field], j)) return false;
  }
  return true;
}

}  // namespace

bool SameValue(const Column& a, int32_t row_a, const Column& b, int32_t row_b) {
  const bool null = a.IsNull(row_a);
  if (null || b.IsNull(row_b)) return null && b.IsNull(row_b);
  const int32_t i = a.ValueIndex(row_a);
  const int32_t j = b.ValueIndex(row_b);
  const Column& x = a.encoding == Encoding::kDictionary ? a.dictionary() : a;
  const Column& y = b.encoding == Encoding::kDictionary ? b.dictionary() : b;
  switch (x.type) {
    case PhysicalType::kBool:
    case PhysicalType::kInt8: return SameSlot<int8_t>(x, i, y, j);
    case PhysicalType::kInt16: return SameSlot<int16_t>(x, i, y, j);
    case PhysicalType::kInt32: return SameSlot<int32_t>(x, i, y, j);
    case PhysicalType::kInt64: return SameSlot<int64_t>(x, i, y, j);
    case PhysicalType::kFloat32: return SameSlot<float>(x, i, y, j);
    case PhysicalType::kFloat64: return SameSlot<double>(x, i, y, j);
    case PhysicalType::kInt128: return SameSlot<Int128>(x, i, y, j);
    case PhysicalType::kTimestamp9: return SameSlot<Timestamp9>(x, i, y, j);
    case PhysicalType::kString: return SameSlot<StringView>(x, i, y, j);
    case PhysicalType::kArray: return SameArray(x, i, y, j);
    case PhysicalType::kMap: return SameMap(x, i, y, j);
    case PhysicalType::kRow: return SameRow(x, i, y, j);
  }
  CHECK(false);
}

}  // namespace rhei

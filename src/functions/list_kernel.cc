#include "functions/list_kernel.h"

#include <cmath>
#include <cstring>

namespace rhei {

void ListSelection::Finish(const Column& source, Column* out) {
  *out = Column();
  out->type = PhysicalType::kArray;
  out->row_count = static_cast<int32_t>(offsets_.size()) - 1;
  out->values = Buffer::Allocate(offsets_.size() * sizeof(int32_t), context_.pool);
  std::memcpy(out->values->data(), offsets_.data(), offsets_.size() * sizeof(int32_t));
  out->children.push_back(Gather(source, elements_, context_.pool));
  if (!out->children[0].is_flat()) out->children[0] = Flatten(out->children[0], context_.pool);
}

int CompareElements(const Column& column, int32_t a, int32_t b) {
  const Column& values = column.encoding == Encoding::kDictionary ? column.dictionary() : column;
  const auto x_at = static_cast<size_t>(column.ValueIndex(a));
  const auto y_at = static_cast<size_t>(column.ValueIndex(b));
  if (values.type == PhysicalType::kString) {
    const auto order = values.data<StringView>()[x_at] <=> values.data<StringView>()[y_at];
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  return VisitFixedType(values.type, [&]<typename T>(T) {
    const T x = values.data<T>()[x_at];
    const T y = values.data<T>()[y_at];
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(x) || std::isnan(y)) return (std::isnan(x) ? 1 : 0) - (std::isnan(y) ? 1 : 0);
    }
    return x < y ? -1 : y < x ? 1 : 0;
  });
}

Result<std::unique_ptr<FunctionState>> OpenTyped(const OpenContext& context) {
  auto state = std::make_unique<TypedState>();
  state->result = *context.result_type;
  for (const ArgumentInfo& argument : context.call.arguments) {
    state->arguments.push_back(argument.type);
  }
  return std::unique_ptr<FunctionState>(std::move(state));
}

}  // namespace rhei

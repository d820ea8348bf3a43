#include "functions/kernel.h"

#include <algorithm>

namespace rhei {

BufferPtr ArgumentValidity(const EvalContext& context, std::span<const Column> arguments) {
  BufferPtr validity;
  for (const Column& argument : arguments) {
    if (!argument.may_have_nulls()) continue;
    validity = AndValidity(validity, FlatValidity(argument, context.pool), context.row_count,
                           context.pool);
  }
  return validity;
}

void NullMarker::Start() {
  // The bitmap may be an argument's: it is not ours to write.
  if (out_->validity == nullptr) {
    out_->validity = MakeValidity(context_.row_count, context_.pool);
  } else {
    const Buffer& shared = *out_->validity;
    out_->validity = Buffer::CopyOf({shared.chars(), shared.size()}, context_.pool);
  }
  words_ = out_->validity->as<uint64_t>();
}

StringWriter::StringWriter(const EvalContext& context, Column* out) : context_(context), out_(out) {
  out->type = PhysicalType::kString;
  out->encoding = Encoding::kFlat;
  out->row_count = context.row_count;
  out->values = Buffer::AllocateZeroed(static_cast<size_t>(context.row_count) * sizeof(StringView),
                                       context.pool);
  views_ = out->values->as<StringView>();
}

void StringWriter::Share(const Column& argument) {
  out_->heaps.insert(out_->heaps.end(), argument.heaps.begin(), argument.heaps.end());
}

void StringWriter::Grow(size_t bytes) {
  const size_t size = std::max(bytes, next_size_);
  next_size_ = std::min<size_t>(size * 2, size_t{1} << 20);
  out_->heaps.push_back(Buffer::Allocate(size, context_.pool));
  at_ = out_->heaps.back()->chars();
  room_ = size;
}

}  // namespace rhei

// The BITMAP_* functions.
#include "types/bitmap.h"
#include "functions/families.h"
#include "functions/list_kernel.h"

namespace rhei {
namespace {

// The bitmap at a row; a failure (which only damaged state can cause) gives the empty one.
Bitmap BitmapAt(EvalContext& context, const Texts& texts, int32_t row) {
  if (texts[row].empty()) return {};  // Under a NULL.
  Result<Bitmap> bitmap = Bitmap::Parse(texts[row]);
  if (bitmap.ok()) return std::move(bitmap).value();
  context.Fail(row, bitmap.status().message());
  return {};
}

template <Bitmap::Operation kOperation>
void Combine(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts left(arguments[0]);
  const Texts right(arguments[1]);
  TextResult result(context, DataType::Bitmap());
  for (int32_t row = 0; row < context.row_count; ++row) {
    result.Copy(
        Bitmap::Combine(BitmapAt(context, left, row), BitmapAt(context, right, row), kOperation)
            .Serialize());
  }
  result.Finish(out);
}

void Build(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Lists lists(arguments[0]);
  const Ints numbers(lists.elements());
  TextResult result(context, DataType::Bitmap());
  for (int32_t row = 0; row < context.row_count; ++row) {
    Bitmap bitmap;
    for (int32_t at = lists.begin(row); at < lists.end(row); ++at) {
      if (!numbers.IsNull(at)) bitmap.Add(static_cast<uint32_t>(numbers[at]));
    }
    result.Copy(bitmap.Serialize());
  }
  result.Finish(out);
}

void Cardinality(FunctionState*, EvalContext& context, std::span<const Column> arguments,
                 Column* out) {
  const Texts bitmaps(arguments[0]);
  int64_t* values = FlatValues<int64_t>(context, PhysicalType::kInt64, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    values[row] = BitmapAt(context, bitmaps, row).cardinality();
  }
}

// Reads foreign bytes into the smallest form.
void FromBytes(FunctionState*, EvalContext& context, std::span<const Column> arguments,
               Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context, DataType::Bitmap());
  for (int32_t row = 0; row < context.row_count; ++row) {
    const Result<Bitmap> bitmap = Bitmap::Parse(texts[row]);
    if (!bitmap.ok()) context.Fail(row, bitmap.status().message());
    result.Copy(bitmap.ok() ? bitmap->Serialize() : std::string());
  }
  result.Finish(out);
}

void ToBytes(FunctionState*, EvalContext&, std::span<const Column> arguments, Column* out) {
  *out = arguments[0];
}

void ToArray(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts bitmaps(arguments[0]);
  ColumnBuilder result(DataType::Array(DataType::Int()), context.pool);
  for (int32_t row = 0; row < context.row_count; ++row) {
    BitmapAt(context, bitmaps, row).ForEach([&](uint32_t number) {
      result.child(0).Append(static_cast<int32_t>(number));
    });
    result.CloseNested();
  }
  *out = result.Finish();
}

void ToString(FunctionState*, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  const Texts bitmaps(arguments[0]);
  TextResult result(context);
  for (int32_t row = 0; row < context.row_count; ++row) {
    result.Copy(BitmapAt(context, bitmaps, row).ToString());
  }
  result.Finish(out);
}

bool IsBitmap(const ArgumentInfo& argument) {
  return argument.type.root() == TypeRoot::kBitmap || argument.type.root() == TypeRoot::kNull;
}

// Every argument is a BITMAP.
Result<CallTyping> InferOfBitmaps(const CallInfo& call, std::string_view name,
                                  const DataType& result) {
  CallTyping typing = ResultPropagatingNulls(call, result);
  for (const ArgumentInfo& argument : call.arguments) {
    if (!IsBitmap(argument)) return BadArguments(call, name, "(BITMAP, ...)");
    typing.argument_types.push_back(DataType::Bitmap(argument.type.nullable()));
  }
  return typing;
}

Result<CallTyping> InferBuild(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (type.root() != TypeRoot::kArray || !FitsRoot(type.child(0), TypeRoot::kInt)) {
    return BadArguments(call, "BITMAP_BUILD", "(ARRAY<INT>)");
  }
  CallTyping typing = ResultPropagatingNulls(call, DataType::Bitmap());
  typing.argument_types.push_back(
      DataType::Array(DataType::Int(type.child(0).nullable()), type.nullable()));
  return typing;
}

constexpr FunctionDef BitmapFunction(std::string_view name, std::string_view signature,
                                     std::string_view doc, std::string_view example, int arguments,
                                     InferFn infer, EvalFn eval) {
  return {.name = name,
          .group = "bitmap",
          .signature = signature,
          .doc = doc,
          .example = example,
          .min_arguments = arguments,
          .max_arguments = arguments,
          .infer = infer,
          .eval = eval};
}

constexpr FunctionDef kBitmaps[] = {
    BitmapFunction(
        "BITMAP_AND", "(BITMAP, BITMAP) -> BITMAP", "The numbers in both bitmaps.",
        "BITMAP_CARDINALITY(BITMAP_AND(BITMAP_BUILD(ARRAY[1, 2]), "
        "BITMAP_BUILD(ARRAY[2, 3]))) = 1",
        2,
        [](const CallInfo& call) { return InferOfBitmaps(call, "BITMAP_AND", DataType::Bitmap()); },
        Combine<Bitmap::Operation::kAnd>),
    BitmapFunction(
        "BITMAP_OR", "(BITMAP, BITMAP) -> BITMAP", "The numbers in one of the bitmaps.",
        "BITMAP_CARDINALITY(BITMAP_OR(BITMAP_BUILD(ARRAY[1, 2]), "
        "BITMAP_BUILD(ARRAY[2, 3]))) = 3",
        2,
        [](const CallInfo& call) { return InferOfBitmaps(call, "BITMAP_OR", DataType::Bitmap()); },
        Combine<Bitmap::Operation::kOr>),
    BitmapFunction(
        "BITMAP_XOR", "(BITMAP, BITMAP) -> BITMAP", "The numbers in exactly one of the bitmaps.",
        "BITMAP_CARDINALITY(BITMAP_XOR(BITMAP_BUILD(ARRAY[1, 2]), "
        "BITMAP_BUILD(ARRAY[2, 3]))) = 2",
        2,
        [](const CallInfo& call) { return InferOfBitmaps(call, "BITMAP_XOR", DataType::Bitmap()); },
        Combine<Bitmap::Operation::kXor>),
    BitmapFunction(
        "BITMAP_ANDNOT", "(BITMAP, BITMAP) -> BITMAP",
        "The numbers in the first bitmap and not in the second.",
        "BITMAP_CARDINALITY(BITMAP_ANDNOT(BITMAP_BUILD(ARRAY[1, 2]), "
        "BITMAP_BUILD(ARRAY[2, 3]))) = 1",
        2,
        [](const CallInfo& call) {
          return InferOfBitmaps(call, "BITMAP_ANDNOT", DataType::Bitmap());
        },
        Combine<Bitmap::Operation::kAndNot>),
    BitmapFunction("BITMAP_BUILD", "(ARRAY<INT>) -> BITMAP",
                   "The bitmap of the numbers, taken as unsigned.",
                   "BITMAP_CARDINALITY(BITMAP_BUILD(ARRAY[1, 1, 2])) = 2", 1, InferBuild, Build),
    BitmapFunction(
        "BITMAP_CARDINALITY", "(BITMAP) -> BIGINT", "How many numbers are in the bitmap.",
        "BITMAP_CARDINALITY(BITMAP_BUILD(ARRAY[1, 2])) = 2", 1,
        [](const CallInfo& call) {
          return InferOfBitmaps(call, "BITMAP_CARDINALITY", DataType::BigInt());
        },
        Cardinality),
    BitmapFunction(
        "BITMAP_FROM_BYTES", "(BYTES) -> BITMAP",
        "The bitmap that the bytes of a 32-bit RoaringBitmap stand for.",
        "BITMAP_CARDINALITY(BITMAP_FROM_BYTES(x'3a30000000000000')) = 0", 1,
        [](const CallInfo& call) {
          return TypeCall(call, "BITMAP_FROM_BYTES", "(BYTES)", "y", DataType::Bitmap());
        },
        FromBytes),
    BitmapFunction(
        "BITMAP_TO_BYTES", "(BITMAP) -> BYTES",
        "The bytes of the bitmap in the format of a 32-bit RoaringBitmap.",
        "BITMAP_TO_BYTES(BITMAP_FROM_BYTES(x'3a30000000000000')) = x'3a30000000000000'", 1,
        [](const CallInfo& call) {
          return InferOfBitmaps(call, "BITMAP_TO_BYTES", DataType::Bytes());
        },
        ToBytes),
    BitmapFunction(
        "BITMAP_TO_ARRAY", "(BITMAP) -> ARRAY<INT>", "The numbers in unsigned order.",
        "BITMAP_TO_ARRAY(BITMAP_BUILD(ARRAY[2, 1]))[1] = 1", 1,
        [](const CallInfo& call) {
          return InferOfBitmaps(call, "BITMAP_TO_ARRAY", DataType::Array(DataType::Int()));
        },
        ToArray),
    BitmapFunction(
        "BITMAP_TO_STRING", "(BITMAP) -> STRING", "The numbers as text.",
        "BITMAP_TO_STRING(BITMAP_BUILD(ARRAY[1, 2])) = '{1,2}'", 1,
        [](const CallInfo& call) {
          return InferOfBitmaps(call, "BITMAP_TO_STRING", DataType::String());
        },
        ToString),
};

}  // namespace

std::span<const FunctionDef> BitmapFunctions() {
  return kBitmaps;
}

}  // namespace rhei

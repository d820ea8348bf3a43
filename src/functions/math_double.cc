// Functions of DOUBLE, random numbers, and the binary and hexadecimal text of numbers.
#include <charconv>
#include <cmath>
#include <numbers>

#include "functions/families.h"
#include "functions/java_random.h"
#include "functions/kernel.h"
#include "functions/typing.h"

namespace rhei {
namespace {

Result<CallTyping> InferDouble(const CallInfo& call) {
  std::vector<DataType> types;
  for (const ArgumentInfo& argument : call.arguments) {
    if (!IsNumeric(argument.type.root()) && argument.type.root() != TypeRoot::kNull) {
      return BadArguments(call, "this function", "(NUMERIC...) -> DOUBLE");
    }
    types.push_back(DataType::Double(argument.type.nullable()));
  }
  return CallTyping{DataType::Double(AnyNullable(call)), std::move(types)};
}

template <auto kFunction>
void Eval1(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapUnary<double, double>(context, args[0], PhysicalType::kFloat64, out,
                           [](double a) { return kFunction(a); });
}

template <auto kFunction>
void Eval2(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapBinary<double, double, double>(context, args[0], args[1], PhysicalType::kFloat64, out,
                                    [](double a, double b) { return kFunction(a, b); });
}

// LOG(x) is natural, LOG(base, x) is not.
double NaturalLog(double x) {
  return std::log(x);
}
double LogToBase(double base, double x) {
  return std::log(x) / std::log(base);
}

void EvalLog(FunctionState* state, EvalContext& context, std::span<const Column> args,
             Column* out) {
  if (args.size() == 1) {
    Eval1<NaturalLog>(state, context, args, out);
  } else {
    Eval2<LogToBase>(state, context, args, out);
  }
}

constexpr double kPi = std::numbers::pi;
constexpr double kE = std::numbers::e;

// A reference: clang 14, which builds the fuzzers, takes no numbers with a point as arguments.
template <const double& kValue>
void EvalConstant(FunctionState*, EvalContext& context, std::span<const Column>, Column* out) {
  double* result = StartFlat<double>(context, PhysicalType::kFloat64, out);
  for (int32_t i = 0; i < context.row_count; ++i) result[i] = kValue;
}

constexpr FunctionDef Double(std::string_view name, int arguments, std::string_view doc,
                             std::string_view example, EvalFn eval, int most = 0) {
  return {
      .name = name,
      .group = "arithmetic",
      .signature = arguments == 0 ? "() -> DOUBLE"
                   : most == 2 && arguments == 1
                       ? "(NUMERIC [, NUMERIC]) -> DOUBLE"
                       : (arguments == 1 ? "(NUMERIC) -> DOUBLE" : "(NUMERIC, NUMERIC) -> DOUBLE"),
      .doc = doc,
      .example = example,
      .min_arguments = arguments,
      .max_arguments = most == 0 ? arguments : most,
      .infer = InferDouble,
      .eval = eval};
}

// ---- Random numbers ----

struct RandomState : FunctionState {
  explicit RandomState(int64_t seed) : random(seed) {}
  JavaRandom random;
  bool seed_per_row = false;  // The seed is a column: each row starts its own sequence.
  uint64_t bits = 0;          // UUID's generator
};

Result<CallTyping> InferRand(const CallInfo& call) {
  std::vector<DataType> types;
  for (const ArgumentInfo& argument : call.arguments) {
    if (!FitsRoot(argument.type, TypeRoot::kInt)) return BadArguments(call, "RAND", "([INT])");
    types.push_back(DataType::Int(argument.type.nullable()));
  }
  return CallTyping{DataType::Double(AnyNullable(call)), std::move(types)};
}

Result<CallTyping> InferRandInteger(const CallInfo& call) {
  ASSIGN_OR_RETURN(CallTyping typing, InferRand(call));
  typing.result = DataType::Int(typing.result.nullable());
  return typing;
}

// `most`: the number of arguments with which the first one is a seed.
template <size_t kSeeded>
Result<std::unique_ptr<FunctionState>> OpenRandom(const OpenContext& context) {
  auto state = std::make_unique<RandomState>(static_cast<int64_t>(context.random_seed));
  state->bits = context.random_seed;
  if (context.call.arguments.size() == kSeeded) {
    const Value* seed = context.call.arguments[0].literal;
    if (seed != nullptr && seed->is_int()) {
      state->random = JavaRandom(seed->int_value());
    } else {
      state->seed_per_row = true;
    }
  }
  return std::unique_ptr<FunctionState>(std::move(state));
}

void EvalRand(FunctionState* base, EvalContext& context, std::span<const Column> args,
              Column* out) {
  auto& state = static_cast<RandomState&>(*base);
  double* result = StartFlat<double>(context, PhysicalType::kFloat64, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = state.seed_per_row ? JavaRandom(Operand<int32_t>(args[0])[i]).NextDouble()
                                   : state.random.NextDouble();
  }
}

void EvalRandInteger(FunctionState* base, EvalContext& context, std::span<const Column> args,
                     Column* out) {
  auto& state = static_cast<RandomState&>(*base);
  int32_t* result = StartFlat<int32_t>(context, PhysicalType::kInt32, out);
  const Operand<int32_t> bounds(args.back());
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = 0;
    if (bounds[i] <= 0) {
      if (!args.back().IsNull(i)) context.Fail(i, "bound must be positive");
      continue;
    }
    if (state.seed_per_row) state.random = JavaRandom(Operand<int32_t>(args[0])[i]);
    result[i] = state.random.NextInt(bounds[i]);
  }
}

uint64_t NextBits(uint64_t* state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

constexpr char kLowerHex[] = "0123456789abcdef";
constexpr char kUpperHex[] = "0123456789ABCDEF";

Result<CallTyping> InferUuid(const CallInfo&) {
  return CallTyping{DataType::Char(36, false), {}};
}

void EvalUuid(FunctionState* base, EvalContext& context, std::span<const Column>, Column* out) {
  auto& state = static_cast<RandomState&>(*base);
  StringWriter writer(context, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    uint64_t halves[2] = {NextBits(&state.bits), NextBits(&state.bits)};
    halves[0] = (halves[0] & ~uint64_t{0xF000}) | 0x4000;  // Version 4: random.
    halves[1] = (halves[1] & (~uint64_t{0} >> 2)) | (uint64_t{1} << 63);
    char text[36];
    size_t at = 0;
    for (int digit = 0; digit < 32; ++digit) {
      if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text[at++] = '-';
      text[at++] = kLowerHex[(halves[digit / 16] >> (60 - digit % 16 * 4)) & 15];
    }
    writer.Set(i, {text, at});
  }
}

// ---- BIN, HEX, UNHEX ----

Result<CallTyping> InferBin(const CallInfo& call) {
  if (!FitsRoot(call.arguments[0].type, TypeRoot::kBigInt)) {
    return BadArguments(call, "BIN", "(BIGINT)");
  }
  const bool nullable = AnyNullable(call);
  return CallTyping{DataType::String(nullable), {DataType::BigInt(nullable)}};
}

void EvalBin(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  StringWriter writer(context, out);
  const Operand<int64_t> values(args[0]);
  char text[72];
  for (int32_t i = 0; i < context.row_count; ++i) {
    const std::to_chars_result end =
        std::to_chars(text, text + sizeof(text), static_cast<uint64_t>(values[i]), 2);
    writer.Set(i, {text, static_cast<size_t>(end.ptr - text)});
  }
}

Result<CallTyping> InferHex(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  const DataType result = DataType::String(type.nullable());
  if (IsCharacter(type.root()) || IsBinaryString(type.root())) return CallTyping{result, {}};
  if (!FitsRoot(type, TypeRoot::kBigInt)) return BadArguments(call, "HEX", "(BIGINT or STRING)");
  return CallTyping{result, {DataType::BigInt(type.nullable())}};
}

void HexOfNumber(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  StringWriter writer(context, out);
  const Operand<int64_t> values(args[0]);
  char text[20];
  for (int32_t i = 0; i < context.row_count; ++i) {
    auto rest = static_cast<uint64_t>(values[i]);
    char* at = text + sizeof(text);
    do {
      *--at = kUpperHex[rest & 15];
      rest >>= 4;
    } while (rest != 0);
    writer.Set(i, {at, static_cast<size_t>(text + sizeof(text) - at)});
  }
}

void HexOfText(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  StringWriter writer(context, out);
  const TextOperand values(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const std::string_view bytes = values[i];
    char* space = writer.Reserve(bytes.size() * 2);
    for (size_t k = 0; k < bytes.size(); ++k) {
      space[2 * k] = kUpperHex[static_cast<unsigned char>(bytes[k]) >> 4];
      space[2 * k + 1] = kUpperHex[static_cast<unsigned char>(bytes[k]) & 15];
    }
    writer.Commit(i, bytes.size() * 2);
  }
}

EvalFn ChooseHex(const CallInfo& call, const DataType&) {
  return PhysicalTypeOf(call.arguments[0].type) == PhysicalType::kString ? HexOfText : HexOfNumber;
}

Result<CallTyping> InferUnhex(const CallInfo& call) {
  if (!FitsRoot(call.arguments[0].type, TypeRoot::kVarchar)) {
    return BadArguments(call, "UNHEX", "(STRING)");
  }
  return CallTyping{DataType::Bytes(), {DataType::String(call.arguments[0].type.nullable())}};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Of an odd number of digits the first must be one, but counts as zero.
bool Unhex(std::string_view digits, char* out) {
  size_t at = digits.size() & 1;
  if (at == 1) {
    if (HexDigit(digits[0]) < 0) return false;
    *out++ = 0;
  }
  for (; at < digits.size(); at += 2) {
    const int high = HexDigit(digits[at]);
    const int low = HexDigit(digits[at + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<char>(high << 4 | low);
  }
  return true;
}

void EvalUnhex(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  StringWriter writer(context, out);
  NullMarker nulls(context, out);
  const TextOperand values(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const size_t bytes = (values[i].size() + 1) / 2;
    if (Unhex(values[i], writer.Reserve(bytes))) {
      writer.Commit(i, bytes);
    } else {
      nulls.Set(i);
    }
  }
}

constexpr FunctionDef kDoubles[] = {
    Double("PI", 0, "The ratio of a circle's circumference to its diameter.", "PI() > 3",
           EvalConstant<kPi>),
    Double("E", 0, "The base of the natural logarithm.", "E() > 2", EvalConstant<kE>),
    Double("POWER", 2, "The first number to the power of the second.", "POWER(2, 3) = 8",
           Eval2<[](double a, double b) { return std::pow(a, b); }>),
    Double("SQRT", 1, "The square root.", "SQRT(4) = 2",
           Eval1<[](double a) { return std::sqrt(a); }>),
    Double("LN", 1, "The natural logarithm.", "LN(1) = 0",
           Eval1<[](double a) { return std::log(a); }>),
    Double("LOG", 1, "The natural logarithm, or with two arguments that to the base of the first.",
           "LOG(2, 8) = 3", EvalLog, 2),
    Double("LOG10", 1, "The logarithm to base 10.", "LOG10(100) = 2",
           Eval1<[](double a) { return std::log10(a); }>),
    Double("LOG2", 1, "The logarithm to base 2.", "LOG2(8) = 3",
           Eval1<[](double a) { return std::log(a) / std::numbers::ln2; }>),
    Double("EXP", 1, "e to the power of the number.", "EXP(0) = 1",
           Eval1<[](double a) { return std::exp(a); }>),
    Double("SIN", 1, "The sine.", "SIN(0) = 0", Eval1<[](double a) { return std::sin(a); }>),
    Double("SINH", 1, "The hyperbolic sine.", "SINH(0) = 0",
           Eval1<[](double a) { return std::sinh(a); }>),
    Double("COS", 1, "The cosine.", "COS(0) = 1", Eval1<[](double a) { return std::cos(a); }>),
    Double("COSH", 1, "The hyperbolic cosine.", "COSH(0) = 1",
           Eval1<[](double a) { return std::cosh(a); }>),
    Double("TAN", 1, "The tangent.", "TAN(0) = 0", Eval1<[](double a) { return std::tan(a); }>),
    Double("TANH", 1, "The hyperbolic tangent.", "TANH(0) = 0",
           Eval1<[](double a) { return std::tanh(a); }>),
    Double("COT", 1, "The cotangent.", "COT(1) < 1",
           Eval1<[](double a) { return 1.0 / std::tan(a); }>),
    Double("ASIN", 1, "The arc sine.", "ASIN(0) = 0", Eval1<[](double a) { return std::asin(a); }>),
    Double("ACOS", 1, "The arc cosine.", "ACOS(1) = 0",
           Eval1<[](double a) { return std::acos(a); }>),
    Double("ATAN", 1, "The arc tangent.", "ATAN(0) = 0",
           Eval1<[](double a) { return std::atan(a); }>),
    Double("ATAN2", 2, "The angle of the point (second, first).", "ATAN2(0, 1) = 0",
           Eval2<[](double a, double b) { return std::atan2(a, b); }>),
    Double("DEGREES", 1, "Radians as degrees.", "DEGREES(0) = 0",
           Eval1<[](double a) { return a * (180.0 / std::numbers::pi); }>),
    Double("RADIANS", 1, "Degrees as radians.", "RADIANS(0) = 0",
           Eval1<[](double a) { return a * (std::numbers::pi / 180.0); }>),
    {.name = "RAND",
     .group = "arithmetic",
     .signature = "([INT]) -> DOUBLE",
     .doc = "A random number in [0, 1); a seed makes the sequence repeatable.",
     .example = "RAND() < 1",
     .min_arguments = 0,
     .max_arguments = 1,
     .infer = InferRand,
     .open = OpenRandom<1>,
     .eval = EvalRand,
     .determinism = Determinism::kPerRow},
    {.name = "RAND_INTEGER",
     .group = "arithmetic",
     .signature = "([INT,] INT) -> INT",
     .doc = "A random integer in [0, bound); the bound comes last, a seed before it.",
     .example = "RAND_INTEGER(10) < 10",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferRandInteger,
     .open = OpenRandom<2>,
     .eval = EvalRandInteger,
     .determinism = Determinism::kPerRow},
    {.name = "UUID",
     .group = "arithmetic",
     .signature = "() -> CHAR(36)",
     .doc = "A random UUID of version 4.",
     .example = "CHAR_LENGTH(UUID()) = 36",
     .min_arguments = 0,
     .max_arguments = 0,
     .infer = InferUuid,
     .open = OpenRandom<1>,
     .eval = EvalUuid,
     .determinism = Determinism::kPerRow},
    {.name = "BIN",
     .group = "arithmetic",
     .signature = "(BIGINT) -> STRING",
     .doc = "The number's binary digits.",
     .example = "BIN(4) = '100'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferBin,
     .eval = EvalBin},
    {.name = "HEX",
     .group = "arithmetic",
     .signature = "(BIGINT or STRING) -> STRING",
     .doc = "The hexadecimal digits of a number, or of a text's bytes.",
     .example = "HEX(20) = '14'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferHex,
     .choose = ChooseHex},
    {.name = "UNHEX",
     .group = "arithmetic",
     .signature = "(STRING) -> BYTES",
     .doc = "The bytes that hexadecimal digits stand for; NULL for other text.",
     .example = "CAST(UNHEX('61') AS STRING) = 'a'",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferUnhex,
     .eval = EvalUnhex},
};

}  // namespace

std::span<const FunctionDef> DoubleFunctions() {
  return kDoubles;
}

}  // namespace rhei

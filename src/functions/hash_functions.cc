// MD5, SHA1, SHA224, SHA256, SHA384, SHA512 and SHA2, in lower-case hexadecimal digits.
#include <openssl/evp.h>

#include "functions/families.h"
#include "functions/string_kernel.h"
#include "functions/text.h"

namespace rhei {
namespace {

using Algorithm = const EVP_MD* (*)();

void AppendDigest(const EVP_MD* algorithm, std::string_view bytes, std::string* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, algorithm, nullptr);
  for (unsigned int i = 0; i < size; ++i) {
    out->push_back(kDigits[digest[i] >> 4]);
    out->push_back(kDigits[digest[i] & 15]);
  }
}

template <Algorithm kAlgorithm>
void Digest(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    AppendDigest(kAlgorithm(), texts[row], &scratch);
    result.Copy(scratch);
  }
  result.Finish(out);
}

const EVP_MD* Sha2Of(int32_t bits) {
  switch (bits) {
    case 224: return EVP_sha224();
    case 256: return EVP_sha256();
    case 384: return EVP_sha384();
    case 512: return EVP_sha512();
    default: return nullptr;
  }
}

void Sha2(FunctionState*, EvalContext& context, std::span<const Column> arguments, Column* out) {
  const Texts texts(arguments[0]);
  const Ints lengths(arguments[1]);
  TextResult result(context);
  std::string scratch;
  for (int32_t row = 0; row < context.row_count; ++row) {
    scratch.clear();
    const EVP_MD* algorithm = Sha2Of(lengths[row]);
    if (algorithm == nullptr) {
      context.Fail(row, "Unsupported algorithm.");
    } else {
      AppendDigest(algorithm, texts[row], &scratch);
    }
    result.Copy(scratch);
  }
  result.Finish(out);
}

// String.hashCode() of Java.
void HashCode(FunctionState*, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  const Texts texts(arguments[0]);
  int32_t* values = IntValues(context, out);
  for (int32_t row = 0; row < context.row_count; ++row) {
    uint32_t hash = 0;
    if (IsAscii(texts[row])) {
      for (char c : texts[row]) hash = hash * 31 + static_cast<unsigned char>(c);
    } else {
      for (char16_t unit : ToUtf16(texts[row])) hash = hash * 31 + unit;
    }
    values[row] = static_cast<int32_t>(hash);
  }
}

template <int kLength>
Result<CallTyping> InferDigest(const CallInfo& call) {
  return TypeCall(call, "The hash function", "(STRING or BYTES)", "b", DataType::Char(kLength));
}

template <int kLength, Algorithm kAlgorithm>
constexpr FunctionDef HashFunction(std::string_view name, std::string_view doc,
                                   std::string_view example) {
  return {.name = name,
          .group = "hash",
          .signature = "(STRING or BYTES) -> CHAR",
          .doc = doc,
          .example = example,
          .min_arguments = 1,
          .max_arguments = 1,
          .infer = InferDigest<kLength>,
          .eval = Digest<kAlgorithm>};
}

constexpr FunctionDef kHash[] = {
    HashFunction<32, EVP_md5>("MD5", "The MD5 hash in hexadecimal digits.",
                              "MD5('test') = '098f6bcd4621d373cade4e832627b4f6'"),
    HashFunction<40, EVP_sha1>("SHA1", "The SHA-1 hash in hexadecimal digits.",
                               "SHA1('test') = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3'"),
    HashFunction<56, EVP_sha224>(
        "SHA224", "The SHA-224 hash in hexadecimal digits.",
        "SHA224('test') = '90a3ed9e32b2aaf4c61c410eb925426119e1a9dc53d4286ade99a809'"),
    HashFunction<64, EVP_sha256>("SHA256", "The SHA-256 hash in hexadecimal digits.",
                                 "CHAR_LENGTH(SHA256('test')) = 64"),
    HashFunction<96, EVP_sha384>("SHA384", "The SHA-384 hash in hexadecimal digits.",
                                 "CHAR_LENGTH(SHA384('test')) = 96"),
    HashFunction<128, EVP_sha512>("SHA512", "The SHA-512 hash in hexadecimal digits.",
                                  "CHAR_LENGTH(SHA512('test')) = 128"),
    {.name = "HASH_CODE",
     .group = "hash",
     .signature = "(STRING) -> INT",
     .doc = "Java's hash code of the text.",
     .example = "HASH_CODE('abc') = 96354",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "HASH_CODE", "(STRING)", "t", DataType::Int());
         },
     .eval = HashCode},
    {.name = "SHA2",
     .group = "hash",
     .signature = "(STRING or BYTES, bits INT) -> VARCHAR(128)",
     .doc = "The SHA-2 hash of 224, 256, 384 or 512 bits in hexadecimal digits.",
     .example = "CHAR_LENGTH(SHA2('test', 224)) = 56",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer =
         [](const CallInfo& call) {
           return TypeCall(call, "SHA2", "(STRING or BYTES, INT)", "bi", DataType::Varchar(128));
         },
     .eval = Sha2},
};

}  // namespace

std::span<const FunctionDef> HashFunctions() {
  return kHash;
}

}  // namespace rhei

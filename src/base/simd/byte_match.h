#pragma once
// MatchBytes: looks at kMatchedBytes bytes at once for two characters and for bytes that are not
// ASCII. With AVX2 32 bytes, with SSE2 16, else 8.
// EqualBytes32: compares 32 bytes with 32 others.
#include <cstddef>
#include <cstdint>
#include <cstring>
#if !defined(RHEI_PORTABLE) && defined(__AVX2__)
#include <immintrin.h>
#elif !defined(RHEI_PORTABLE) && defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace rhei {

struct ByteMatches {
  uint32_t equal;  // bit i: byte i is one of the two
  uint32_t high;   // bit i: byte i is above 0x7f
};

// Reads kMatchedBytes bytes at `p`, whatever they are. (Buffers are padded.)
inline ByteMatches MatchBytes(const char* p, char a, char b);

// Bit i: a[i] == b[i]. Reads 32 bytes at both.
inline uint32_t EqualBytes32(const char* a, const char* b);

#if !defined(RHEI_PORTABLE) && defined(__AVX2__)

inline constexpr size_t kMatchedBytes = 32;

inline ByteMatches MatchBytes(const char* p, char a, char b) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i equal = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(a)),
                                        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b)));
  return {static_cast<uint32_t>(_mm256_movemask_epi8(equal)),
          static_cast<uint32_t>(_mm256_movemask_epi8(bytes))};
}

inline uint32_t EqualBytes32(const char* a, const char* b) {
  const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
  const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y)));
}

#elif !defined(RHEI_PORTABLE) && defined(__SSE2__)

inline constexpr size_t kMatchedBytes = 16;

inline ByteMatches MatchBytes(const char* p, char a, char b) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(a)),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b)));
  return {static_cast<uint32_t>(_mm_movemask_epi8(equal)),
          static_cast<uint32_t>(_mm_movemask_epi8(bytes))};
}

inline uint32_t EqualBytes32(const char* a, const char* b) {
  uint32_t equal = 0;
  for (int half = 0; half < 2; ++half) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a) + half);
    const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b) + half);
    equal |= static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, y))) << (16 * half);
  }
  return equal;
}

#else

inline constexpr size_t kMatchedBytes = 8;

inline ByteMatches MatchBytes(const char* p, char a, char b) {
  ByteMatches out{0, 0};
  for (uint32_t i = 0; i < kMatchedBytes; ++i) {
    out.equal |= static_cast<uint32_t>(p[i] == a || p[i] == b) << i;
    out.high |= static_cast<uint32_t>(static_cast<unsigned char>(p[i]) >> 7) << i;
  }
  return out;
}

inline uint32_t EqualBytes32(const char* a, const char* b) {
  uint32_t equal = 0;
  for (uint32_t i = 0; i < 32; ++i) equal |= static_cast<uint32_t>(a[i] == b[i]) << i;
  return equal;
}

#endif

}  // namespace rhei

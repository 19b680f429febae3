// SPDX-License-Identifier: Apache-2.0
//
// Functions as they must not be in the vector engine, and some that only look like it: what
// vector_code.py has to tell apart. They are searched, never run. Each is named after what has to
// be found in it.
#include <immintrin.h>

#include <cstdint>

namespace rekey::simd::N_PLANTED {

[[gnu::target("sse2")]] std::uint32_t moved_low_octets(__m128i key) {
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(key));
}

[[gnu::target("sse4.1")]] std::uint64_t moved_high_octets(__m128i key) {
  return static_cast<std::uint64_t>(_mm_extract_epi64(key, 1));
}

[[gnu::target("avx2")]] int moved_sign_bits(__m256i key) { return _mm256_movemask_epi8(key); }

[[gnu::target("avx512bw")]] std::uint64_t moved_mask(__m512i key) {
  return _mm512_movepi8_mask(key);
}

[[gnu::target("sse4.1")]] bool flags_of_test(__m128i key) { return _mm_test_all_zeros(key, key); }

[[gnu::target("avx512f,avx512bw")]] bool flags_of_mask(__m512i key) {
  const __mmask64 zero_octets = _mm512_testn_epi8_mask(key, key);
  return _kortestz_mask64_u8(zero_octets, zero_octets) != 0;
}

[[gnu::target("avx2")]] __m256i gather_by_key(const int* table, __m256i key) {
  return _mm256_i32gather_epi32(table, key, 4);
}

[[gnu::target("avx512f")]] void scatter_by_key(int* table, __m512i key) {
  _mm512_i32scatter_epi32(table, key, key, 4);
}

[[gnu::target("avx512f")]] __m512i masked_load(const int* table, __m512i key) {
  return _mm512_maskz_loadu_epi32(_mm512_test_epi32_mask(key, key), table);
}

[[gnu::target("avx2")]] __m256i masked_load_avx(const int* table, __m256i key) {
  return _mm256_maskload_epi32(table, key);
}

[[gnu::target("sse2")]] __m128 uneven_time(__m128 key) { return _mm_div_ps(key, key); }

/// A register is parked on one path only; on the other, the key is fetched.
[[gnu::target("sse2")]] std::uint64_t moved_on_one_path(std::uint64_t count, __m128i key) {
  std::uint64_t fetched = 0;
  asm("test %[count], %[count]\n\t"
      "je 1f\n\t"
      "movq %[count], %[key]\n"
      "1:\n\t"
      "movq %[key], %[fetched]"
      : [fetched] "=r"(fetched), [key] "+x"(key)
      : [count] "r"(count)
      : "cc");
  return fetched;
}

/// What a call leaves in a vector register is the callee's.
[[gnu::target("sse2")]] std::uint64_t moved_after_call(std::uint64_t count, void (*callee)()) {
  std::uint64_t fetched = 0;
  asm("movq %[count], %%xmm7\n\t"
      "call *%[callee]\n\t"
      "movq %%xmm7, %[fetched]"
      : [fetched] "=r"(fetched)
      : [count] "r"(count), [callee] "r"(callee)
      : "xmm7", "cc", "memory");
  return fetched;
}

[[gnu::target("avx2,aes")]] __m128i clean_round(__m128i state, __m128i round_key) {
  return _mm_aesenc_si128(_mm_shuffle_epi8(state, round_key), round_key);
}

[[gnu::target("avx512f,avx512bw")]] __m512i clean_blend(__m512i key) {
  return _mm512_mask_xor_epi32(key, _mm512_test_epi32_mask(key, key), key, _mm512_set1_epi32(27));
}

/// Parks a general register in a vector register, over a loop, and fetches it back.
[[gnu::target("avx")]] std::uint64_t clean_parking(std::uint64_t count) {
  std::uint64_t fetched = 0;
  asm("vmovq %[count], %%xmm7\n"
      "1:\n\t"
      "vmovdqa %%xmm7, %%xmm6\n\t"
      "vpxor %%xmm5, %%xmm5, %%xmm5\n\t"
      "sub $1, %[count]\n\t"
      "jne 1b\n\t"
      "vmovq %%xmm6, %[fetched]"
      : [fetched] "=r"(fetched), [count] "+r"(count)
      :
      : "xmm5", "xmm6", "xmm7", "cc");
  return fetched;
}

/// The same with a mask register, which is then tested.
[[gnu::target("avx512f,avx512bw")]] std::uint64_t clean_mask_parking(std::uint64_t count) {
  std::uint64_t fetched = 0;
  asm("kmovq %[count], %%k3\n\t"
      "kortestq %%k3, %%k3\n\t"
      "je 1f\n\t"
      "kmovq %%k3, %[fetched]\n"
      "1:"
      : [fetched] "+r"(fetched)
      : [count] "r"(count)
      : "k3", "cc");
  return fetched;
}

}  // namespace rekey::simd::N_PLANTED

// SPDX-License-Identifier: Apache-2.0
#include "engines/aes_instructions.h"

#include <algorithm>
#include <array>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace rekey::bench {
namespace {

#if defined(__x86_64__)

constexpr unsigned kChains = 12;
constexpr unsigned kLoops = 1'000;

// One round of all twelve chains. Assembly, so that no compiler spills a chain or merges rounds.
#define REKEY_ROUND_OF_12(instruction)                                                     \
  instruction("0") instruction("1") instruction("2") instruction("3") instruction("4")     \
      instruction("5") instruction("6") instruction("7") instruction("8") instruction("9") \
          instruction("10") instruction("11")
#define REKEY_AESENC_128(chain) "aesenc %12, %" chain "\n\t"
#define REKEY_VAESENC_512(chain) "vaesenc %12, %" chain ", %" chain "\n\t"

#define REKEY_RUN_12(instruction, constraint)                                      \
  for (unsigned loop = 0; loop < kLoops; ++loop) {                                 \
    asm volatile(REKEY_ROUND_OF_12(instruction)                                    \
                 : "+&" constraint(c0), "+&" constraint(c1), "+&" constraint(c2),  \
                   "+&" constraint(c3), "+&" constraint(c4), "+&" constraint(c5),  \
                   "+&" constraint(c6), "+&" constraint(c7), "+&" constraint(c8),  \
                   "+&" constraint(c9), "+&" constraint(c10), "+&" constraint(c11) \
                 : constraint(key));                                               \
  }

__attribute__((target("aes"))) void run_aesenc_128() {
  const __m128i key = _mm_set1_epi32(0x01234567);
  __m128i c0 = key, c1 = key, c2 = key, c3 = key, c4 = key, c5 = key;
  __m128i c6 = key, c7 = key, c8 = key, c9 = key, c10 = key, c11 = key;
  REKEY_RUN_12(REKEY_AESENC_128, "x")
}

__attribute__((target("vaes,avx512f"))) void run_vaesenc_512() {
  const __m512i key = _mm512_set1_epi32(0x01234567);
  __m512i c0 = key, c1 = key, c2 = key, c3 = key, c4 = key, c5 = key;
  __m512i c6 = key, c7 = key, c8 = key, c9 = key, c10 = key, c11 = key;
  REKEY_RUN_12(REKEY_VAESENC_512, "v")
}

/// clang 14 has no name for this feature.
bool cpu_has_vaes() {
  constexpr unsigned kVaesInEcx = 1U << 9;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ecx & kVaesInEcx) != 0;
}

std::vector<AesInstruction> find_instructions() {
  std::vector<AesInstruction> found;
  __builtin_cpu_init();
  if (cpu_has_vaes() && __builtin_cpu_supports("avx512f")) {
    found.push_back({kVaesenc512, 4, kChains * kLoops, run_vaesenc_512});
  }
  if (__builtin_cpu_supports("aes")) {
    found.push_back({kAesenc128, 1, kChains * kLoops, run_aesenc_128});
  }
  return found;
}

#else

std::vector<AesInstruction> find_instructions() { return {}; }

#endif

}  // namespace

std::span<const AesInstruction> aes_instructions() {
  static const std::vector<AesInstruction> found = find_instructions();
  return found;
}

std::string_view instruction_of_simd_target(std::string_view target) {
  struct Entry {
    std::string_view target;
    std::string_view instruction;
  };
  static constexpr std::array kEntries = {
      Entry{"AVX3_SPR", kVaesenc512}, Entry{"AVX3_ZEN4", kVaesenc512},
      Entry{"AVX3_DL", kVaesenc512},  Entry{"AVX2", kAesenc128},
      Entry{"SSE4", kAesenc128},
  };
  const auto* entry = std::ranges::find(kEntries, target, &Entry::target);
  return entry == kEntries.end() ? std::string_view() : entry->instruction;
}

}  // namespace rekey::bench

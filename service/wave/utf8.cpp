// SPDX-License-Identifier: Apache-2.0
#include "wave/utf8.h"

namespace rekey::wave {
namespace {

/// RFC 3629, section 4: how many octets follow the first, and what the second may be.
struct Sequence {
  std::size_t continuations;
  unsigned second_min;
  unsigned second_max;
};

bool sequence_of(unsigned first, Sequence* out_sequence) {
  if (first < 0x80) {
    *out_sequence = {0, 0x80, 0xbf};
  } else if (first >= 0xc2 && first <= 0xdf) {
    *out_sequence = {1, 0x80, 0xbf};
  } else if (first >= 0xe0 && first <= 0xef) {
    *out_sequence = {2, first == 0xe0 ? 0xa0U : 0x80U, first == 0xed ? 0x9fU : 0xbfU};
  } else if (first >= 0xf0 && first <= 0xf4) {
    *out_sequence = {3, first == 0xf0 ? 0x90U : 0x80U, first == 0xf4 ? 0x8fU : 0xbfU};
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) {
  const auto octet = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(text[i]));
  };
  std::size_t i = 0;
  while (i < text.size()) {
    Sequence sequence{};
    if (!sequence_of(octet(i), &sequence)) return i;
    if (sequence.continuations >= text.size() - i) return i;
    for (std::size_t k = 1; k <= sequence.continuations; ++k) {
      const unsigned low = k == 1 ? sequence.second_min : 0x80;
      const unsigned high = k == 1 ? sequence.second_max : 0xbf;
      if (octet(i + k) < low || octet(i + k) > high) return i;
    }
    i += 1 + sequence.continuations;
  }
  return i;
}

}  // namespace rekey::wave

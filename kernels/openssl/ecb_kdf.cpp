// SPDX-License-Identifier: Apache-2.0
#include "openssl/ecb_kdf.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <span>

namespace rekey::openssl {

EcbKdf::EcbKdf(const EVP_CIPHER* aes_128_ecb) : cmac_(aes_128_ecb) { keep(cmac_.status()); }

void EcbKdf::set_key(std::string_view /*name*/, ConstOctets key) {
  assert(key.size() >= kBlockOctets);
  settle();
  cmac_.set_key(key.last<kBlockOctets>());
  keep(cmac_.status());
}

void EcbKdf::derive(std::string_view /*result_name*/, Parts astring, Octets result,
                    Evaluations needed) {
  assert(!result.empty() && result.size() <= kMaxResultOctets);
  assert(octets_of(astring) <= kMaxAstringOctets);
  const std::size_t bits = 8 * result.size();
  const std::size_t evaluations = (bits + 127) / 128;
  const std::size_t octets = 4 + octets_of(astring) + 4;
  // The cut keeps the right end of T(0) | T(1) | ..., and so cuts into T(0) alone.
  std::size_t done = 0;
  std::size_t octets_of_t = result.size() - (evaluations - 1) * kBlockOctets;
  const std::uint8_t* written = nullptr;
  for (std::size_t i = 0; i < evaluations; ++i) {
    if ((needed >> i & 1) != 0) {
      if (waiting_count_ == waiting_.size()) settle();
      std::uint8_t* const message = messages_.octets().data() + waiting_count_ * kMaxMessageOctets;
      if (written == nullptr) {
        put_big_endian_32(bits, join(astring, message + 4));
        written = message;
      } else {
        std::memmove(message, written, kMaxMessageOctets);
      }
      put_big_endian_32(i, message);
      waiting_[waiting_count_++] = {{message, octets}, result.subspan(done, octets_of_t)};
    }
    done += octets_of_t;
    octets_of_t = kBlockOctets;
  }
}

void EcbKdf::encrypt_block(std::string_view /*result_name*/, Parts block, Octets result) {
  assert(octets_of(block) == kBlockOctets && result.size() == kBlockOctets);
  join(block, result.data());
  cmac_.encrypt(result.first<kBlockOctets>());
  keep(cmac_.status());
}

void EcbKdf::settle() {
  cmac_.run(std::span(waiting_).first(waiting_count_));
  keep(cmac_.status());
  waiting_count_ = 0;
}

}  // namespace rekey::openssl

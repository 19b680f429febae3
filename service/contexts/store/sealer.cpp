// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/sealer.h"

#include <openssl/rand.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "contexts/record_buffer.h"

namespace rekey::contexts {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kPrefixOctets = 1 + std::tuple_size_v<KeyId>;
constexpr std::size_t kHeaderOctets = kPrefixOctets + XaesGcm::kNonceOctets;
constexpr std::size_t kAddedOctets = kHeaderOctets + XaesGcm::kTagOctets;

ConstOctets id_in(ConstOctets sealed) { return sealed.subspan(1, std::tuple_size_v<KeyId>); }

std::span<const std::uint8_t, XaesGcm::kNonceOctets> nonce_in(ConstOctets sealed) {
  return sealed.subspan<kPrefixOctets, XaesGcm::kNonceOctets>();
}

std::vector<std::uint8_t> associated(ConstOctets sealed, std::string_view name) {
  std::vector<std::uint8_t> octets(kPrefixOctets + name.size());
  std::ranges::copy(name, std::ranges::copy(sealed.first(kPrefixOctets), octets.begin()).out);
  return octets;
}

}  // namespace

XaesGcm& Sealer::cipher(std::size_t key) {
  if (!ciphers_[key]) ciphers_[key].emplace(keys_.all()[key].key);
  return *ciphers_[key];
}

bool Sealer::take_nonce(Octets out_nonce) {
  if (taken_ == nonces_.size()) {
    if (RAND_bytes(nonces_.data(), static_cast<int>(nonces_.size())) != 1) return false;
    taken_ = 0;
  }
  std::copy_n(nonces_.begin() + static_cast<std::ptrdiff_t>(taken_), out_nonce.size(),
              out_nonce.begin());
  taken_ += out_nonce.size();
  return true;
}

Status Sealer::seal(std::string_view name, ConstOctets plain, SecretBuffer* out_sealed) {
  SecretBuffer sealed = record_buffer(kAddedOctets + plain.size());
  const Octets octets = sealed.octets();
  octets[0] = kFormat;
  std::ranges::copy(keys_.all().front().id, octets.begin() + 1);
  if (!take_nonce(octets.subspan(kPrefixOctets, XaesGcm::kNonceOctets)) ||
      !cipher(0).seal(nonce_in(octets), associated(octets, name), plain,
                      octets.subspan(kHeaderOctets))) {
    return {Code::kInternal, "OpenSSL could not seal a record"};
  }
  *out_sealed = std::move(sealed);
  return {};
}

std::string Sealer::open(std::string_view name, ConstOctets sealed, SecretBuffer* out_plain) {
  if (sealed.size() < kAddedOctets || sealed[0] != kFormat) {
    return "expected a sealed record, found octets of another kind";
  }
  const auto key = std::ranges::find_if(keys_.all(), [sealed](const SealingKeys::Key& candidate) {
    return std::ranges::equal(candidate.id, id_in(sealed));
  });
  if (key == keys_.all().end()) {
    KeyId id;
    std::ranges::copy(id_in(sealed), id.begin());
    return "expected a record sealed under a key of the key file, found one under key " +
           to_string(id);
  }
  SecretBuffer plain = record_buffer(sealed.size() - kAddedOctets);
  if (!cipher(static_cast<std::size_t>(key - keys_.all().begin()))
           .open(nonce_in(sealed), associated(sealed, name), sealed.subspan(kHeaderOctets),
                 plain.octets())) {
    return "expected the record that was sealed under this name, found a damaged or foreign one";
  }
  *out_plain = std::move(plain);
  return {};
}

bool Sealer::is_current(ConstOctets sealed) const {
  return sealed.size() >= kAddedOctets && sealed[0] == kFormat &&
         std::ranges::equal(id_in(sealed), keys_.all().front().id);
}

}  // namespace rekey::contexts

// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/verifier.h"

#include <string>
#include <utility>
#include <vector>

#include "rekey/engines.h"
#include "rekey/secret.h"
#include "rekeyctl/local_engine.h"

namespace rekey::ctl {
namespace {

/// The octets of one AMS of one kind: a key, or all its TEKs.
ConstOctets octets_of_key(const wave::Wave& wave, const wave::DerivedKeys& keys, KeyKind kind,
                          std::size_t item) {
  return kind == KeyKind::kTek ? keys.teks(wave, item) : keys.key(kind, item);
}

}  // namespace

Status Verifier::make(std::unique_ptr<Verifier>* out_verifier) {
  std::unique_ptr<Engine> fast = make_openssl_ecb_engine();
  if (Status s = admit(*fast); !s.ok()) return s;
  std::unique_ptr<Engine> referee = make_openssl_engine();
  if (Status s = admit(*referee); !s.ok()) return s;
  out_verifier->reset(new Verifier(std::move(fast), std::move(referee)));
  return {};
}

Status Verifier::verify(Chunk* chunk) {
  const wave::Wave& wave = chunk->wave;
  const Wanted wanted{chunk->keys.outputs(), chunk->keys.tek_counters()};
  wave::DerivedKeys right;
  if (Status s = derive_keys(verifier_of(*chunk), wanted, wave, &right); !s.ok()) return s;
  for (std::size_t item = 0; item < wave.size(); ++item) compare(item, right, chunk);
  return {};
}

void Verifier::compare(std::size_t item, const wave::DerivedKeys& right, Chunk* chunk) {
  wave::DerivedKeys& keys = chunk->keys;
  const bool failed = keys.code(item) != 0;
  std::string wrong;
  for (const KeyKind kind : kAllKeyKinds) {
    if (!keys.outputs().contains(kind)) continue;
    ConstOctets found = octets_of_key(chunk->wave, keys, kind, item);
    ConstOctets expected = octets_of_key(chunk->wave, right, kind, item);
    const std::vector<std::uint8_t> zeros(failed ? found.size() : 0);
    if (failed) expected = zeros;
    for (; !found.empty();
         found = found.subspan(key_octets(kind)), expected = expected.subspan(key_octets(kind))) {
      const bool equal =
          equal_constant_time(found.first(key_octets(kind)), expected.first(key_octets(kind)));
      if (!equal) {
        ++mismatches_;
        if (wrong.empty()) wrong = to_string(kind);
      } else if (!failed) {
        ++verified_;
      }
    }
  }
  if (!wrong.empty()) {
    keys.set_failed(item, static_cast<int>(Code::kInternal),
                    failed ? "verification: " + wrong + " of a failed AMS is not zero"
                           : "verification: " + wrong + " is not what OpenSSL derives");
  }
}

}  // namespace rekey::ctl

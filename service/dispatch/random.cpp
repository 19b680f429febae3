// SPDX-License-Identifier: Apache-2.0
#include "dispatch/random.h"

#include <openssl/rand.h>

#include <cassert>

namespace rekey::dispatch {

std::uint32_t SystemRandom::below(std::uint32_t limit) {
  assert(limit > 0 && (limit & (limit - 1)) == 0);
  std::uint32_t number = 0;
  // Without entropy the same items are sampled every time: weaker, but still a verification.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1) return 0;
  return number & (limit - 1);
}

}  // namespace rekey::dispatch

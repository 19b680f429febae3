// SPDX-License-Identifier: Apache-2.0
#include "dispatch/random.h"

#include <openssl/rand.h>

#include <cassert>

namespace rekey::dispatch {

std::uint32_t SystemRandom::below(std::uint32_t limit) {
  assert(limit > 0 && (limit & (limit - 1)) == 0);
  const std::lock_guard lock(mutex_);
  if (left_ == 0) {
    // Without entropy the same items are sampled every time: weaker, but still a verification.
    if (RAND_bytes(reinterpret_cast<unsigned char*>(numbers_.data()), sizeof numbers_) != 1) {
      return 0;
    }
    left_ = numbers_.size();
  }
  return numbers_[--left_] & (limit - 1);
}

}  // namespace rekey::dispatch

// SPDX-License-Identifier: Apache-2.0
#include "openssl/kdf.h"

#include "openssl/algorithms.h"

namespace rekey::openssl {

void Kdf::keep(int outcome, std::string_view call) {
  if (outcome != 1) keep(failed_call(call));
}

}  // namespace rekey::openssl

// SPDX-License-Identifier: Apache-2.0
#include "engine/absent_engine.h"
#include "rekey/engines.h"

namespace rekey {

std::unique_ptr<Engine> make_openssl_engine() {
  return std::make_unique<AbsentEngine>("openssl", "not written yet");
}

}  // namespace rekey

// SPDX-License-Identifier: Apache-2.0
//
// The baseline: what a network function does that derives its keys inline with OpenSSL, one AMS
// after the other and a new EVP_MAC_CTX for every MAC. Written from the specification alone, so
// that its keys are a check on the engines' too.
#pragma once

#include <memory>

#include "engines/contender.h"

namespace rekey::bench {

/// make_openssl_loop returns the baseline, named `openssl-loop`. It is admitted when OpenSSL has
/// CMAC and AES-128.
std::unique_ptr<Contender> make_openssl_loop();

}  // namespace rekey::bench

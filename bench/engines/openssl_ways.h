// SPDX-License-Identifier: Apache-2.0
//
// Three ways to compute MACs with OpenSSL, from what is written first to what is tuned.
#pragma once

#include <memory>

#include "engines/mac_way.h"

namespace rekey::bench {

/// make_openssl_loop is the baseline, `openssl-loop`: a new EVP_MAC_CTX for every MAC.
std::unique_ptr<MacWay> make_openssl_loop();

/// make_openssl_reused is `openssl-reused`: one EVP_MAC_CTX for all, keyed once for each Kin.
std::unique_ptr<MacWay> make_openssl_reused();

/// make_openssl_ecb is `openssl-ecb`: CMAC by hand over AES-128-ECB, one EVP_CIPHER_CTX keyed once
/// for each Kin, and all blocks under one key that do not wait for each other in one call.
std::unique_ptr<MacWay> make_openssl_ecb();

}  // namespace rekey::bench

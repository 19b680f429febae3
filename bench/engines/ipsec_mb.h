// SPDX-License-Identifier: Apache-2.0
//
// Two ways to compute MACs with intel-ipsec-mb, the multi-buffer library of packet processors,
// which runs messages under different keys abreast.
#pragma once

#include <memory>

#include "engines/mac_way.h"

namespace rekey::bench {

/// make_ipsec_mb_cmac is `ipsec-mb`: the library's CMAC in bursts of 128 messages. It is
/// unavailable where the library was not found at build time.
std::unique_ptr<MacWay> make_ipsec_mb_cmac();

/// make_ipsec_mb_cbc is `ipsec-mb-cbc`: CMAC by hand over the library's AES-128-CBC in bursts of
/// 128 messages, which cost it less than CMACs. Unavailable as make_ipsec_mb_cmac().
std::unique_ptr<MacWay> make_ipsec_mb_cbc();

}  // namespace rekey::bench

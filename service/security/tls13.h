// SPDX-License-Identifier: Apache-2.0
//
// TLS 1.3 and nothing older.
#pragma once

#include "rekey/status.h"

namespace rekey::security {

/// require_tls13 has every TLS connection of this process, gRPC's too, refuse versions below 1.3.
/// gRPC 1.51 has no setting for that; OpenSSL's defaults for the whole process do. Call it before
/// anything makes a TLS context. kInternal when OpenSSL does not take the setting.
Status require_tls13();

}  // namespace rekey::security

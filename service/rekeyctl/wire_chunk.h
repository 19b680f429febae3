// SPDX-License-Identifier: Apache-2.0
//
// Chunks and what is known of a server, to and from the wire contract. An answer is checked before
// it is believed.
#pragma once

#include "rekey/v1/admin.pb.h"
#include "rekey/v1/key_derivation.pb.h"
#include "rekeyctl/capabilities.h"
#include "rekeyctl/deriver.h"

namespace rekey::ctl {

/// fill_request asks for the keys of every AMS of `wave` in columns. The request holds PMKs: see
/// wire::wipe_secrets().
void fill_request(const wave::Wave& wave, const Wanted& wanted,
                  v1::DeriveBatchRequest* out_request);
/// As above, in rows. Rows always yield every key of the profile.
void fill_request(const wave::Wave& wave, const Wanted& wanted, v1::DeriveRequest* out_request);

/// take_response copies the keys into `chunk`, whose wave they belong to. Returns kInternal naming
/// the field, what was expected and what was found when the answer does not fit the request.
Status take_response(const v1::DeriveBatchResponse& response, const Wanted& wanted, Chunk* chunk);
/// As above, from rows.
Status take_response(const v1::DeriveResponse& response, const Wanted& wanted, Chunk* chunk);

/// capabilities_from_wire translates what a server says of itself.
Capabilities capabilities_from_wire(const v1::GetCapabilitiesResponse& response);

}  // namespace rekey::ctl

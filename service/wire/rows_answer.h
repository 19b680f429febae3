// SPDX-License-Identifier: Apache-2.0
//
// The rows of an answer, from columns straight to their octets on the wire: no message in between
// keeps another copy of a key.
#pragma once

#include <cstddef>
#include <span>

#include "columns/wiped_octets.h"
#include "rekey/batch.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"

namespace rekey::wire {

/// rows_answer returns DeriveResponse.items as they are on the wire. `row_status` has one entry for
/// each row of `request`; `batch` and `keys` hold the rows that are good, in order. A bad row has
/// its error and no keys. The first `room` octets are left to the caller.
WipedOctets rows_answer(const v1::DeriveRequest& request, std::span<const Status> row_status,
                        const CheckedBatch& batch, const BatchResult& keys, std::size_t room);

}  // namespace rekey::wire

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
#include "wire/input_row.h"

namespace rekey::wire {

/// CheckedRows is the rows of a request and what is wrong with each.
struct CheckedRows {
  std::span<const InputRow> rows;
  const Numbers& saids;
  std::span<const Status> row_status;
};

/// rows_answer returns DeriveResponse.items as they are on the wire. `batch` and `keys` hold the
/// rows that are good, in order. A bad row has its error and no keys. The first `room` octets are
/// left to the caller.
WipedOctets rows_answer(const CheckedRows& rows, const CheckedBatch& batch, const BatchResult& keys,
                        std::size_t room);

}  // namespace rekey::wire

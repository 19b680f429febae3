// SPDX-License-Identifier: Apache-2.0
//
// How a launch finds what stands in rows.
#pragma once

#include <cstdint>

#include "cuda/ams.h"
#include "cuda/context_rows.h"
#include "cuda/tek.h"

namespace rekey::cuda {

/// point_at_rows sets the columns whose values stand in `rows`, of which item i has number
/// `numbers[i]`, where the kernel runs.
inline void point_at_rows(const ContextRows& rows, const std::uint32_t* numbers, AmsColumns* ams,
                          SaidColumn* saids) {
  const auto in_row = [&](std::uint32_t octet) {
    return InputColumn{rows.data + octet, rows.octets, numbers};
  };
  ams->pmk = in_row(kPmkInRow);
  ams->msid = in_row(kMsidInRow);
  ams->nonce = in_row(kNonceInRow);
  ams->ak_sn = in_row(kAkSnInRow);
  *saids = {rows.data + kSaidsInRow, numbers, rows.octets};
}

}  // namespace rekey::cuda

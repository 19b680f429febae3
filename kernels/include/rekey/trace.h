// SPDX-License-Identifier: Apache-2.0
//
// The derivation of one AMS step by step, for people who test AMS and ABS equipment.
#pragma once

#include <string>
#include <vector>

#include "rekey/batch.h"
#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey {

/// TraceStep is one evaluation of Dot16KDF, or for legacy-16e of AES-128-ECB.
struct TraceStep {
  std::string result_name;  ///< `MSID*`, `AK`, `PREKEY`, `TEK(SAID=1, COUNTER_TEK=0)`, ...
  std::string function;     ///< `Dot16KDF` or `AES-128-ECB`
  std::string key_name;     ///< the key the step runs under: `PMK`, `AK`, `PREKEY`, ...
  SecretBuffer kin;         ///< the 16 octets AES is keyed with
  SecretBuffer message;     ///< the astring, or the ECB block
  unsigned bits = 0;        ///< length of the result
  SecretBuffer result;      ///< bits / 8 octets
};

/// trace_derivation derives item `item` of the batch with the referee and appends every step, in
/// the order of the specification, to `*out_steps`. It derives all the profile's keys, whatever the
/// batch's outputs. Returns kInvalidArgument when the item's code is not kOk or `item` is out of
/// range.
Status trace_derivation(const CheckedBatch& batch, std::size_t item,
                        std::vector<TraceStep>* out_steps);

}  // namespace rekey

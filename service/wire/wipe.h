// SPDX-License-Identifier: Apache-2.0
//
// Wipes the key material in messages before their memory goes back to the heap.
#pragma once

#include "rekey/v1/key_derivation.pb.h"

namespace rekey::wire {

/// wipe_secrets zeroes every `bytes` field of a message in place; the lengths stay.
void wipe_secrets(v1::DeriveRequest* message);
void wipe_secrets(v1::DeriveResponse* message);
void wipe_secrets(v1::DeriveBatchRequest* message);
void wipe_secrets(v1::DeriveBatchResponse* message);

}  // namespace rekey::wire

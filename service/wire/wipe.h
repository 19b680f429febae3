// SPDX-License-Identifier: Apache-2.0
//
// Wipes the key material in messages before their memory goes back to the heap.
#pragma once

#include "rekey/v1/key_contexts.pb.h"
#include "rekey/v1/key_derivation.pb.h"

namespace rekey::wire {

/// wipe_secrets zeroes the `bytes` fields of a message in place; the lengths stay. Of contexts it
/// zeroes those that hold key material or nonces.
void wipe_secrets(v1::DeriveRequest* message);
void wipe_secrets(v1::DeriveResponse* message);
void wipe_secrets(v1::DeriveBatchRequest* message);
void wipe_secrets(v1::DeriveBatchResponse* message);
void wipe_secrets(v1::EstablishRequest* message);
void wipe_secrets(v1::ReauthenticateRequest* message);
void wipe_secrets(v1::AmsContexts* message);
void wipe_secrets(v1::ContextsResponse* message);
// These have none.
inline void wipe_secrets(v1::StartHandoverRequest*) {}
inline void wipe_secrets(v1::CompleteHandoverRequest*) {}
inline void wipe_secrets(v1::CancelHandoverRequest*) {}
inline void wipe_secrets(v1::UpdateTekRequest*) {}
inline void wipe_secrets(v1::GetRequest*) {}
inline void wipe_secrets(v1::RemoveRequest*) {}

}  // namespace rekey::wire

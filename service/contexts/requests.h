// SPDX-License-Identifier: Apache-2.0
//
// Requests of service KeyContexts, from the wire to what the core understands.
#pragma once

#include <cstdint>
#include <vector>

#include "contexts/life.h"
#include "rekey/status.h"
#include "rekey/v1/key_contexts.pb.h"

namespace rekey::contexts {

/// AMSs in one request. An answer about this many still fits a message.
inline constexpr int kMaxRequestAmss = 8'192;

/// Asked is one item of a request.
struct Asked {
  Status malformed;  ///< why the item breaks the specification; then nothing below counts
  Msid msid{};
  OperationKey operation;  ///< not of Look
  Request request = Look{};
};

// read_request checks a request and takes it apart, in its order. One that is malformed as a whole
// (no operation_id, too many items) is kInvalidArgument naming the field, what was expected and
// what was found; a bad item, or one whose MSID came before, is malformed alone.
Status read_request(const v1::EstablishRequest& request, std::vector<Asked>* out_asked);
Status read_request(const v1::StartHandoverRequest& request, std::vector<Asked>* out_asked);
Status read_request(const v1::CompleteHandoverRequest& request, std::vector<Asked>* out_asked);
Status read_request(const v1::CancelHandoverRequest& request, std::vector<Asked>* out_asked);
Status read_request(const v1::UpdateTekRequest& request, std::vector<Asked>* out_asked);
Status read_request(const v1::ReauthenticateRequest& request, std::vector<Asked>* out_asked);
Status read_request(const v1::GetRequest& request, std::vector<Asked>* out_asked);
Status read_request(const v1::RemoveRequest& request, std::vector<Asked>* out_asked);

}  // namespace rekey::contexts

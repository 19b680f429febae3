// SPDX-License-Identifier: Apache-2.0
//
// What an answer says besides its keys, as octets on the wire.
#pragma once

#include <cstddef>

#include "dispatch/job.h"
#include "rekey/octets.h"
#include "rpc/status.h"
#include "wire/fields.h"

namespace rekey::rpc {

/// ServedFields is one v1::Served.
struct ServedFields {
  const dispatch::Served& served;

  template <typename Out>
  void put(Out* out) const {
    using Fields = v1::Served;
    const auto& engine = served.engine;
    out->octets(Fields::kEngineFieldNumber,
                {reinterpret_cast<const std::uint8_t*>(engine.data()), engine.size()});
    out->number(Fields::kBatchItemsFieldNumber, saturated(served.batch_items));
    out->number(Fields::kQueueUsFieldNumber, saturated(served.queue_us));
    out->number(Fields::kEngineUsFieldNumber, saturated(served.engine_us));
    out->number(Fields::kVerifiedFieldNumber, served.verified ? 1 : 0);
  }
};

/// AnswerHead is a `Response` without its keys, and how it was served. Both must outlive it.
template <typename Response>
class AnswerHead {
 public:
  AnswerHead(const Response& message, const dispatch::Served& served)
      : message_(message), served_{served} {
    wire::Size size;
    size.message(Response::kServedFieldNumber, served_);
    octets_ = message_.ByteSizeLong() + size.octets();
  }

  [[nodiscard]] std::size_t octets() const { return octets_; }

  /// write fills octets() octets at `at`.
  void write(std::uint8_t* at) const {
    wire::Writer out(message_.SerializeWithCachedSizesToArray(at));
    out.message(Response::kServedFieldNumber, served_);
  }

 private:
  const Response& message_;
  ServedFields served_;
  std::size_t octets_ = 0;
};

}  // namespace rekey::rpc

// SPDX-License-Identifier: Apache-2.0
//
// The requests of a load, made before it begins: while it runs, to send one costs as little as can
// be. Arrivals choose among them at random; a server that keeps nothing cannot tell.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "load/link.h"
#include "load/scenario.h"
#include "rekey/status.h"
#include "rekeyctl/deriver.h"

namespace rekey::v1 {
class DeriveBatchResponse;
class DeriveResponse;
}  // namespace rekey::v1

namespace rekey::bench::load {

/// RequestPool holds up to 512 requests, fewer where they are large (65,536 AMSs together, but at
/// least four), with the keys that OpenSSL's EVP_MAC derives for them. The AMSs are synthetic, as
/// in wave/scenario.h: their keys are no secrets, and messages with their PMKs are not wiped.
class RequestPool {
 public:
  /// make draws the requests of a scenario and derives their keys. Returns an error when OpenSSL
  /// fails its known answers, or a request that was drawn has more keys than one may have.
  static Status make(const Scenario& scenario, std::unique_ptr<RequestPool>* out_pool);

  [[nodiscard]] std::size_t size() const { return requests_.size(); }
  [[nodiscard]] std::uint32_t ams(std::size_t request) const {
    return static_cast<std::uint32_t>(requests_[request].wave.size());
  }
  /// wave returns the AMSs of a request, and wanted() which keys they have.
  [[nodiscard]] const wave::Wave& wave(std::size_t request) const {
    return requests_[request].wave;
  }
  [[nodiscard]] const ctl::Wanted& wanted(std::size_t request) const {
    return requests_[request].wanted;
  }
  /// message returns the request as Protocol Buffers lay it out: a DeriveRequest where the method
  /// is `rows`, nothing where it is `contexts`, a DeriveBatchRequest without a sequence otherwise.
  /// Valid as long as this object.
  [[nodiscard]] const std::string& message(std::size_t request) const {
    return requests_[request].message;
  }

  /// judge counts the AMSs that failed and, where `verified`, compares every key of the others.
  /// Safe to call from several threads.
  [[nodiscard]] Verdict judge(std::size_t request, const v1::DeriveBatchResponse& answer,
                              bool verified) const;
  [[nodiscard]] Verdict judge(std::size_t request, const v1::DeriveResponse& answer,
                              bool verified) const;

 private:
  struct Request {
    wave::Wave wave;
    ctl::Wanted wanted;
    wave::DerivedKeys keys;
    std::string message;
  };

  template <typename Answer>
  [[nodiscard]] std::string compare(const Request& request, const Answer& answer) const;

  std::vector<Request> requests_;
};

}  // namespace rekey::bench::load

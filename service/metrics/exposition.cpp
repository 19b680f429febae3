// SPDX-License-Identifier: Apache-2.0
#include "metrics/exposition.h"

#include <prometheus/exposer.h>

#include <exception>

namespace rekey::metrics {
namespace {

// One Prometheus scrapes; a second and a curious person are welcome.
constexpr std::size_t kThreads = 2;

}  // namespace

Exposition::Exposition(const net::HostPort& address)
    : address_(address),
      exposer_(std::make_unique<prometheus::Exposer>(address.to_string(), kThreads)) {
  address_.port = static_cast<std::uint16_t>(exposer_->GetListeningPorts().front());
}

Exposition::~Exposition() = default;

Status Exposition::start(const net::HostPort& address, const Metrics& metrics,
                         std::unique_ptr<Exposition>* out_exposition) {
  net::HostPort numbers = address;
  // The HTTP server takes addresses, not names.
  if (numbers.host == "localhost") numbers.host = "127.0.0.1";
  try {
    out_exposition->reset(new Exposition(numbers));
  } catch (const std::exception& error) {
    return {Code::kUnavailable, "cannot listen on " + address.to_string() +
                                    " for metrics: the address is taken or not this machine's"};
  }
  for (const auto& collectable : metrics.collectables()) {
    (*out_exposition)->exposer_->RegisterCollectable(collectable);
  }
  return {};
}

}  // namespace rekey::metrics

// SPDX-License-Identifier: Apache-2.0
#include "metrics/exposition.h"

#include <CivetServer.h>
#include <prometheus/exposer.h>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/status_page.h"

namespace rekey::metrics {
namespace {

// One Prometheus scrapes; a second and curious people are welcome. A browser holds connections open
// on which it asks for nothing, each of which takes a thread until it is timed out.
constexpr char kThreads[] = "8";
constexpr char kRequestTimeoutMs[] = "3000";

/// Answers what the page asks for; 0 leaves a request to the exposer.
int answer_page(mg_connection* connection) {
  const mg_request_info* request = mg_get_request_info(connection);
  if (std::string_view(request->request_method) != "GET") return 0;
  const std::optional<std::string> response = status_page_response(request->local_uri);
  if (!response) return 0;
  mg_write(connection, response->data(), response->size());
  return 200;
}

std::unique_ptr<prometheus::Exposer> make_exposer(const net::HostPort& address) {
  CivetCallbacks callbacks;
  callbacks.begin_request = answer_page;
  return std::make_unique<prometheus::Exposer>(
      std::vector<std::string>{"listening_ports", address.to_string(), "num_threads", kThreads,
                               "request_timeout_ms", kRequestTimeoutMs},
      &callbacks);
}

}  // namespace

Exposition::Exposition(const net::HostPort& address)
    : address_(address), exposer_(make_exposer(address)) {
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

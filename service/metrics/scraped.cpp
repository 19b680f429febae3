// SPDX-License-Identifier: Apache-2.0
#include "metrics/scraped.h"

#include <prometheus/metric_family.h>

namespace rekey::metrics {
namespace {

prometheus::MetricFamily gauge(const char* name, const char* help) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = prometheus::MetricType::Gauge;
  return family;
}

void add(prometheus::MetricFamily* family,
         const std::vector<prometheus::ClientMetric::Label>& labels, double value) {
  prometheus::ClientMetric metric;
  metric.label = labels;
  metric.gauge.value = value;
  family->metric.push_back(std::move(metric));
}

}  // namespace

std::vector<prometheus::MetricFamily> Metrics::Scraped::Collect() const {
  auto serving = gauge("rekeyd_engine_serving", "1 while an engine serves");
  auto refused = gauge("rekeyd_engine_refused",
                       "1 for an engine that gave a wrong known answer or failed verification");
  auto preferred = gauge("rekeyd_engine_preferred", "1 for the engine that derives the next batch");
  for (const dispatch::EngineStatus& engine : sources_.engines()) {
    const std::vector<prometheus::ClientMetric::Label> labels = {{"engine", engine.name}};
    add(&serving, labels, engine.state == dispatch::EngineState::kServing ? 1 : 0);
    add(&refused, labels, engine.state == dispatch::EngineState::kRefused ? 1 : 0);
    add(&preferred, labels, engine.preferred ? 1 : 0);
  }
  auto queued = gauge("rekeyd_queued_requests", "Requests that wait for an engine");
  add(&queued, {}, sources_.queued_requests());
  std::vector<prometheus::MetricFamily> all = {serving, refused, preferred, queued};
  if (sources_.certificate_expiry) {
    auto expiry = gauge("rekeyd_certificate_expiry_seconds",
                        "When the server's certificate expires, in seconds since 1970");
    add(&expiry, {}, sources_.certificate_expiry());
    all.push_back(std::move(expiry));
  }
  return all;
}

}  // namespace rekey::metrics

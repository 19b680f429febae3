// SPDX-License-Identifier: Apache-2.0
//
// Metrics that are no events: asked for when Prometheus asks.
#pragma once

#include <prometheus/collectable.h>

#include "metrics/metrics.h"

namespace rekey::metrics {

/// Scraped asks its sources at every scrape.
class Metrics::Scraped final : public prometheus::Collectable {
 public:
  explicit Scraped(Sources sources) : sources_(std::move(sources)) {}
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
  [[nodiscard]] const Sources& sources() const { return sources_; }

 private:
  Sources sources_;
};

}  // namespace rekey::metrics

// SPDX-License-Identifier: Apache-2.0
//
// A server's metrics at one moment, read from Prometheus text format.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/status.h"

namespace rekey::ctl {

/// MetricsSample holds every series by its name and labels.
class MetricsSample {
 public:
  using Labels = std::map<std::string, std::string, std::less<>>;

  /// parse reads the text. kInternal names the first line that is no sample.
  static Status parse(std::string_view text, MetricsSample* out_sample);

  /// sum adds up all series of a metric that have these labels; 0 when there are none.
  [[nodiscard]] double sum(std::string_view name, const Labels& with = {}) const;
  /// by adds up the series of a metric for each value of a label.
  [[nodiscard]] std::map<std::string, double> by(std::string_view name,
                                                 std::string_view label) const;

  /// since returns what has been added to each series after `before`; a series that has become
  /// smaller belongs to a server that started anew, and counts from 0.
  [[nodiscard]] MetricsSample since(const MetricsSample& before) const;

  /// quantile estimates a histogram's quantile as Prometheus does, over all its series: between the
  /// bounds of a bucket values are taken to be spread evenly. 0 when the histogram is empty; the
  /// largest bound for what lies beyond it.
  [[nodiscard]] double quantile(std::string_view histogram, double q) const;

 private:
  std::map<std::string, std::map<Labels, double>, std::less<>> series_;
};

}  // namespace rekey::ctl

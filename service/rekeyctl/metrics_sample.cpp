// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/metrics_sample.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

namespace rekey::ctl {
namespace {

bool read_number(std::string_view text, double* out_number) {
  const std::string copy(text);
  char* end = nullptr;
  *out_number = std::strtod(copy.c_str(), &end);
  return !copy.empty() && *end == '\0';
}

/// Reads `{a="b",c="d"}` from the front of `*text`, which is moved behind it.
bool read_labels(std::string_view* text, MetricsSample::Labels* out_labels) {
  text->remove_prefix(1);
  while (!text->empty() && text->front() != '}') {
    const std::size_t equals = text->find("=\"");
    if (equals == text->npos) return false;
    std::string name(text->substr(0, equals));
    text->remove_prefix(equals + 2);
    std::string value;
    while (!text->empty() && text->front() != '"') {
      if (text->front() == '\\') text->remove_prefix(1);
      if (text->empty()) return false;
      value += text->front();
      text->remove_prefix(1);
    }
    if (text->empty()) return false;
    text->remove_prefix(1);
    if (text->starts_with(',')) text->remove_prefix(1);
    (*out_labels)[std::move(name)] = std::move(value);
  }
  if (text->empty()) return false;
  text->remove_prefix(1);
  return true;
}

bool has(const MetricsSample::Labels& labels, const MetricsSample::Labels& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

}  // namespace

Status MetricsSample::parse(std::string_view text, MetricsSample* out_sample) {
  MetricsSample sample;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    std::string_view rest = line.substr(std::min(line.find_first_of("{ "), line.size()));
    const std::string_view name = line.substr(0, line.size() - rest.size());
    Labels labels;
    double value = 0;
    if (name.empty() || rest.empty() || (rest.front() == '{' && !read_labels(&rest, &labels)) ||
        !rest.starts_with(' ') || !read_number(rest.substr(1), &value)) {
      return {Code::kInternal, "metrics: expected NAME{LABELS} NUMBER, found " + std::string(line)};
    }
    sample.series_[std::string(name)][std::move(labels)] = value;
  }
  *out_sample = std::move(sample);
  return {};
}

double MetricsSample::sum(std::string_view name, const Labels& with) const {
  const auto found = series_.find(name);
  if (found == series_.end()) return 0;
  double sum = 0;
  for (const auto& [labels, value] : found->second) sum += has(labels, with) ? value : 0;
  return sum;
}

std::map<std::string, double> MetricsSample::by(std::string_view name,
                                                std::string_view label) const {
  std::map<std::string, double> sums;
  const auto found = series_.find(name);
  if (found == series_.end()) return sums;
  for (const auto& [labels, value] : found->second) {
    const auto of_label = labels.find(label);
    sums[of_label == labels.end() ? "" : of_label->second] += value;
  }
  return sums;
}

MetricsSample MetricsSample::since(const MetricsSample& before) const {
  MetricsSample difference = *this;
  for (auto& [name, series] : difference.series_) {
    const auto old_series = before.series_.find(name);
    if (old_series == before.series_.end()) continue;
    for (auto& [labels, value] : series) {
      const auto old_value = old_series->second.find(labels);
      if (old_value != old_series->second.end() && old_value->second <= value) {
        value -= old_value->second;
      }
    }
  }
  return difference;
}

double MetricsSample::quantile(std::string_view histogram, double q) const {
  std::map<double, double> up_to;  // how many lie at or below each bound
  for (const auto& [bound, count] : by(std::string(histogram) + "_bucket", "le")) {
    double number = std::numeric_limits<double>::infinity();
    if (bound != "+Inf" && !read_number(bound, &number)) continue;
    up_to[number] += count;
  }
  if (up_to.empty() || up_to.rbegin()->second == 0) return 0;
  const double rank = q * up_to.rbegin()->second;
  double lower_bound = 0;
  double below = 0;
  for (const auto& [bound, count] : up_to) {
    if (count >= rank && count > below) {
      if (std::isinf(bound)) return lower_bound;
      return lower_bound + (bound - lower_bound) * (rank - below) / (count - below);
    }
    lower_bound = bound;
    below = count;
  }
  return lower_bound;
}

}  // namespace rekey::ctl

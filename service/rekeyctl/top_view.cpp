// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/top_view.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "rekeyctl/grouped.h"

namespace rekey::ctl {
namespace {

std::string whole(double number) {
  return grouped(static_cast<std::uint64_t>(std::llround(std::max(number, 0.0))));
}

std::string milliseconds(double seconds) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3g ms", seconds * 1e3);
  return text;
}

std::string row(const std::string& name, const std::string& value) {
  char text[160];
  std::snprintf(text, sizeof text, "%-24s%s\n", name.c_str(), value.c_str());
  return text;
}

std::string p50_and_p99(const MetricsSample& interval, const char* histogram,
                        std::string (*show)(double)) {
  if (interval.sum(std::string(histogram) + "_count") == 0) return "-";
  return "p50 " + show(interval.quantile(histogram, 0.5)) + "   p99 " +
         show(interval.quantile(histogram, 0.99));
}

bool is_set(const std::map<std::string, double>& states, const std::string& engine) {
  const auto found = states.find(engine);
  return found != states.end() && found->second > 0;
}

std::string engines(const MetricsSample& now) {
  const auto preferred = now.by("rekeyd_engine_preferred", "engine");
  const auto refused = now.by("rekeyd_engine_refused", "engine");
  std::string list;
  for (const auto& [engine, serves] : now.by("rekeyd_engine_serving", "engine")) {
    list += (list.empty() ? "" : ", ") + engine;
    list += serves > 0 ? " serves" : is_set(refused, engine) ? " REFUSED" : " absent";
    if (is_set(preferred, engine)) list += " (preferred)";
  }
  return list;
}

std::string rejections(const MetricsSample& now) {
  std::string list;
  for (const auto& [cause, count] : now.by("rekeyd_rejections_total", "cause")) {
    if (count > 0) list += (list.empty() ? "" : ", ") + cause + " " + whole(count);
  }
  return list.empty() ? "none" : list;
}

}  // namespace

std::string top_view(const std::string& server, const MetricsSample& before,
                     const MetricsSample& now, double seconds) {
  const MetricsSample interval = now.since(before);
  const auto rate = [&](const char* name, const MetricsSample::Labels& with = {}) {
    return whole(interval.sum(name, with) / seconds);
  };
  std::string version;
  for (const auto& [label, one] : now.by("rekeyd_build_info", "version")) version = label;
  return "rekeyd " + version + " at " + server + "\n\n" +
         row("AMSs a second", rate("rekeyd_items_total", {{"outcome", "derived"}})) +
         row("requests a second", rate("rekeyd_requests_total")) +
         row("refused a second", rate("rekeyd_rejections_total")) +
         row("request time", p50_and_p99(interval, "rekeyd_request_seconds", milliseconds)) +
         row("queue age", p50_and_p99(interval, "rekeyd_queue_age_seconds", milliseconds)) +
         row("engine time of a batch",
             p50_and_p99(interval, "rekeyd_engine_seconds", milliseconds)) +
         row("AMSs of a batch", p50_and_p99(interval, "rekeyd_batch_items", whole)) +
         row("waiting requests", whole(now.sum("rekeyd_queued_requests"))) +
         row("engines", engines(now)) +
         row("quarantines", whole(now.sum("rekeyd_engine_quarantines_total"))) +
         row("refused since the start", rejections(now));
}

}  // namespace rekey::ctl

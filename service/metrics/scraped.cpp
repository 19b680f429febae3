// SPDX-License-Identifier: Apache-2.0
#include "metrics/scraped.h"

#include <prometheus/metric_family.h>

#include <utility>

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

prometheus::MetricFamily counter(const char* name, const char* help) {
  prometheus::MetricFamily family = gauge(name, help);
  family.type = prometheus::MetricType::Counter;
  return family;
}

void count(prometheus::MetricFamily* family,
           const std::vector<prometheus::ClientMetric::Label>& labels, std::uint64_t value) {
  prometheus::ClientMetric metric;
  metric.label = labels;
  metric.counter.value = static_cast<double>(value);
  family->metric.push_back(std::move(metric));
}

void add_contexts(const contexts::KeeperCounts& counts,
                  std::vector<prometheus::MetricFamily>* out_families) {
  auto amss = gauge("rekeyd_contexts_amss",
                    "AMSs that are registered, by state; absent: whose operations are remembered");
  auto discards = counter("rekeyd_contexts_discarded_total", "Contexts that ended, by cause");
  auto refusals = counter("rekeyd_contexts_refused_total", "Items that were refused, by cause");
  auto conflicts = counter("rekeyd_contexts_conflicts_total",
                           "Items that were done again since others changed the same AMS");
  auto damaged = counter("rekeyd_contexts_damaged_total", "Records that were found damaged");
  auto failures =
      counter("rekeyd_contexts_store_failures_total", "Reads and writes of the store that failed");
  for (const contexts::AmsState state : contexts::kAllStates) {
    add(&amss, {{"state", std::string(to_string(state))}},
        static_cast<double>(counts.amss[static_cast<std::size_t>(state)]));
  }
  for (std::size_t cause = 1; cause < counts.discards.size(); ++cause) {
    count(&discards, {{"cause", std::string(to_string(static_cast<contexts::Cause>(cause)))}},
          counts.discards[cause]);
  }
  for (std::size_t cause = 1; cause < counts.refusals.size(); ++cause) {
    count(&refusals, {{"cause", std::string(to_string(static_cast<contexts::Refusal>(cause)))}},
          counts.refusals[cause]);
  }
  count(&conflicts, {}, counts.conflicts);
  count(&damaged, {}, counts.damaged);
  count(&failures, {}, counts.store_failures);
  for (auto* family : {&amss, &discards, &refusals, &conflicts, &damaged, &failures}) {
    out_families->push_back(std::move(*family));
  }
}

void add_load(const dispatch::Load& load, std::vector<prometheus::MetricFamily>* out_families) {
  auto queued = gauge("rekeyd_queued_requests", "Requests that wait for an engine");
  auto requests = gauge("rekeyd_held_requests", "Requests that were accepted and not answered");
  auto items = gauge("rekeyd_held_items", "AMSs of requests that were accepted and not answered");
  auto octets = gauge("rekeyd_held_octets",
                      "Memory of the columns of requests that were accepted and not answered");
  auto callers = gauge("rekeyd_callers", "Callers that shares are kept for");
  add(&queued, {}, static_cast<double>(load.waiting_requests));
  add(&requests, {}, static_cast<double>(load.held.requests));
  add(&items, {}, static_cast<double>(load.held.items));
  add(&octets, {}, static_cast<double>(load.held.octets));
  add(&callers, {}, static_cast<double>(load.callers));
  auto fixed = gauge("rekeyd_engine_batch_cost_seconds",
                     "What a batch costs on an engine besides its AMSs, as the routing knows it");
  auto each = gauge("rekeyd_engine_item_cost_seconds",
                    "What an AMS costs on an engine, as the routing knows it");
  for (const dispatch::EngineLoad& engine : load.engines) {
    if (!engine.serves) continue;
    for (std::size_t i = 0; i < kAllProfiles.size(); ++i) {
      const std::vector<prometheus::ClientMetric::Label> labels = {
          {"engine", engine.name}, {"profile", std::string(to_string(kAllProfiles[i]))}};
      add(&fixed, labels, engine.costs[i].fixed_us() / 1e6);
      add(&each, labels, engine.costs[i].ams_us() / 1e6);
    }
  }
  for (auto* family : {&queued, &requests, &items, &octets, &callers, &fixed, &each}) {
    out_families->push_back(std::move(*family));
  }
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
  std::vector<prometheus::MetricFamily> all = {serving, refused, preferred};
  add_load(sources_.load(), &all);
  auto open_calls = gauge("rekeyd_open_calls", "Calls and streams that have not ended");
  add(&open_calls, {}, static_cast<double>(sources_.open_calls()));
  all.push_back(std::move(open_calls));
  if (sources_.contexts) add_contexts(sources_.contexts(), &all);
  if (sources_.certificate_expiry) {
    auto expiry = gauge("rekeyd_certificate_expiry_seconds",
                        "When the server's certificate expires, in seconds since 1970");
    add(&expiry, {}, sources_.certificate_expiry());
    all.push_back(std::move(expiry));
  }
  return all;
}

}  // namespace rekey::metrics

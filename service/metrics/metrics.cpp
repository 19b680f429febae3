// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <chrono>

#include "metrics/names.h"
#include "metrics/scraped.h"

namespace rekey::metrics {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using Buckets = prometheus::Histogram::BucketBoundaries;

/// From 10 microseconds to 10 s; the 27.5 ms of a handover are one of the bounds.
Buckets seconds() {
  return {1e-5, 2e-5,    5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2,
          2e-2, 2.75e-2, 5e-2, 0.1,  0.2,  0.5,  1.0,  2.0,  5.0,  10.0};
}

/// Powers of four up to the largest request.
Buckets items() { return {1, 4, 16, 64, 256, 1'024, 4'096, 16'384, 65'536, 262'144}; }

double to_seconds(std::uint64_t us) { return static_cast<double>(us) * 1e-6; }

template <typename Builder>
auto& family(prometheus::Registry& registry, Builder builder, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::CallMetrics {
  std::array<prometheus::Counter*, kCodes> requests{};  ///< by code; null: not yet seen
  prometheus::Histogram* seconds = nullptr;
  prometheus::Counter* good_items = nullptr;
  prometheus::Counter* failed_items = nullptr;
};

struct Metrics::BatchMetrics {
  prometheus::Histogram* items = nullptr;
  prometheus::Histogram* engine_seconds = nullptr;
  prometheus::Histogram* queue_age = nullptr;
  prometheus::Counter* verified = nullptr;
  prometheus::Counter* failed = nullptr;
};

Metrics::Metrics(std::string_view version)
    : registry_(std::make_shared<prometheus::Registry>()),
      requests_(family(*registry_, BuildCounter(), "rekeyd_requests_total",
                       "Calls, and requests of streams, by the gRPC code they were answered with")),
      items_(family(*registry_, BuildCounter(), "rekeyd_items_total",
                    "AMSs of answered requests, by whether their keys were derived")),
      rejections_(family(*registry_, BuildCounter(), "rekeyd_rejections_total",
                         "Requests that were not served, by cause")),
      request_seconds_(family(*registry_, BuildHistogram(), "rekeyd_request_seconds",
                              "From a request's arrival to its answer")),
      queue_age_(family(*registry_, BuildHistogram(), "rekeyd_queue_age_seconds",
                        "How long a request waited for an engine")),
      batch_items_(
          family(*registry_, BuildHistogram(), "rekeyd_batch_items", "AMSs derived together")),
      engine_seconds_(family(*registry_, BuildHistogram(), "rekeyd_engine_seconds",
                             "How long an engine took for a batch, verification aside")),
      verified_(family(*registry_, BuildCounter(), "rekeyd_verified_items_total",
                       "AMSs whose keys were derived again and compared before they left")),
      failed_batches_(
          family(*registry_, BuildCounter(), "rekeyd_failed_batches_total",
                 "Batches that an engine failed or got wrong, and that were done again")),
      quarantines_(family(*registry_, BuildCounter(), "rekeyd_engine_quarantines_total",
                          "Engines that were refused while they served: they failed or lied")),
      returns_(family(*registry_, BuildCounter(), "rekeyd_engine_returns_total",
                      "Engines that serve again since their known answers were right again")) {
  family(*registry_, BuildGauge(), "rekeyd_build_info", "Always 1; the label tells the version")
      .Add({{"version", std::string(version)}})
      .Set(1);
  family(*registry_, BuildGauge(), "rekeyd_start_time_seconds",
         "When rekeyd started, in seconds since 1970")
      .Add({})
      .SetToCurrentTime();
  // A series that appears with its first event has no increase over that event.
  for (std::size_t code = 0; code < kCodes; ++code) {
    if (code == static_cast<std::size_t>(grpc::StatusCode::OK)) continue;
    const std::string_view cause = cause_of(static_cast<grpc::StatusCode>(code));
    rejected_[code] = &rejections_.Add({{"cause", std::string(cause)}});
  }
}

Metrics::~Metrics() = default;

void Metrics::observe(Sources sources) {
  scraped_ = std::make_shared<Scraped>(std::move(sources));
  for (const dispatch::EngineStatus& engine : scraped_->sources().engines()) {
    quarantines_.Add({{"engine", engine.name}});
    returns_.Add({{"engine", engine.name}});
  }
}

Metrics::CallMetrics& Metrics::call_metrics(std::string_view rpc, std::optional<Profile> profile) {
  auto known = calls_.find(KeyView(profile, rpc));
  if (known == calls_.end()) known = calls_.try_emplace(Key(profile, rpc)).first;
  std::unique_ptr<CallMetrics>& found = known->second;
  if (found == nullptr) {
    found = std::make_unique<CallMetrics>();
    found->seconds = &request_seconds_.Add({{"rpc", std::string(rpc)}}, seconds());
    if (profile) {
      const std::string name(to_string(*profile));
      found->good_items = &items_.Add({{"profile", name}, {"outcome", "derived"}});
      found->failed_items = &items_.Add({{"profile", name}, {"outcome", "failed"}});
    }
  }
  return *found;
}

Metrics::BatchMetrics& Metrics::batch_metrics(std::string_view engine, Profile profile) {
  auto known = batches_.find(KeyView(profile, engine));
  if (known == batches_.end()) known = batches_.try_emplace(Key(profile, engine)).first;
  std::unique_ptr<BatchMetrics>& found = known->second;
  if (found == nullptr) {
    const prometheus::Labels labels = {{"engine", std::string(engine)},
                                       {"profile", std::string(to_string(profile))}};
    found = std::make_unique<BatchMetrics>();
    found->items = &batch_items_.Add(labels, items());
    found->engine_seconds = &engine_seconds_.Add(labels, seconds());
    found->queue_age = &queue_age_.Add(labels, seconds());
    found->verified = &verified_.Add(labels);
    found->failed = &failed_batches_.Add(labels);
  }
  return *found;
}

Status Metrics::answering(const rpc::CallRecord& record) {
  const std::lock_guard lock(mutex_);
  CallMetrics& metrics = call_metrics(record.rpc, record.profile);
  prometheus::Counter*& requests = metrics.requests[index_of(record.code)];
  if (requests == nullptr) {
    const std::string_view profile = record.profile ? to_string(*record.profile) : "";
    requests = &requests_.Add({{"rpc", std::string(record.rpc)},
                               {"profile", std::string(profile)},
                               {"code", std::string(name_of(record.code))}});
  }
  requests->Increment();
  metrics.seconds->Observe(to_seconds(record.duration_us));
  if (record.code != grpc::StatusCode::OK) {
    rejected_[index_of(record.code)]->Increment();
    return {};
  }
  if (record.items > 0 && metrics.good_items != nullptr) {
    metrics.good_items->Increment(record.items - record.failed);
    metrics.failed_items->Increment(record.failed);
    batch_metrics(record.served.engine, *record.profile)
        .queue_age->Observe(to_seconds(record.served.queue_us));
  }
  return {};
}

void Metrics::derived(const dispatch::DerivationRecord& record) {
  const std::lock_guard lock(mutex_);
  BatchMetrics& metrics = batch_metrics(record.engine, record.profile);
  if (!record.ok) {
    metrics.failed->Increment();
    return;
  }
  metrics.items->Observe(record.items);
  metrics.engine_seconds->Observe(to_seconds(record.engine_us));
  metrics.verified->Increment(record.verified);
}

void Metrics::quarantined(std::string_view engine) {
  quarantines_.Add({{"engine", std::string(engine)}}).Increment();
}

void Metrics::returned(std::string_view engine) {
  returns_.Add({{"engine", std::string(engine)}}).Increment();
}

void Metrics::refused_at_the_door() {
  rejected_[index_of(grpc::StatusCode::PERMISSION_DENIED)]->Increment();
}

std::string Metrics::text() const {
  std::string text;
  for (const auto& collectable : collectables()) {
    text += prometheus::TextSerializer().Serialize(collectable->Collect());
  }
  return text;
}

std::vector<std::shared_ptr<prometheus::Collectable>> Metrics::collectables() const {
  std::vector<std::shared_ptr<prometheus::Collectable>> all = {registry_};
  if (scraped_ != nullptr) all.push_back(scraped_);
  return all;
}

}  // namespace rekey::metrics

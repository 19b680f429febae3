// SPDX-License-Identifier: Apache-2.0
//
// rekeyd's metrics, in prometheus-cpp's terms. docs/operations.md lists them.
#pragma once

#include <prometheus/registry.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contexts/keeper.h"
#include "dispatch/derivation_observer.h"
#include "dispatch/engine_pool.h"
#include "dispatch/load.h"
#include "metrics/names.h"
#include "rpc/call_observer.h"

namespace rekey::metrics {

/// Sources are asked at every scrape for what is no event. Each may be called from any thread.
struct Sources {
  std::function<std::vector<dispatch::EngineStatus>()> engines;
  std::function<dispatch::Load()> load;
  std::function<std::uint64_t()> open_calls;  ///< calls and streams that have not ended
  /// When the server's certificate expires, in seconds since 1970; null on plaintext.
  std::function<double()> certificate_expiry;
  std::function<contexts::KeeperCounts()> contexts{};  ///< null: no contexts are kept
};

/// Metrics counts what it observes. Thread-safe.
class Metrics final : public rpc::CallObserver, public dispatch::DerivationObserver {
 public:
  explicit Metrics(std::string_view version);
  ~Metrics() override;

  /// observe adds what is asked at every scrape. To be called once.
  void observe(Sources sources);

  /// answering never holds an answer back.
  Status answering(const rpc::CallRecord& record) override;
  void derived(const dispatch::DerivationRecord& record) override;
  /// quarantined counts an engine that was refused while it served.
  void quarantined(std::string_view engine);
  /// returned counts an engine that serves again after that.
  void returned(std::string_view engine);
  /// refused_at_the_door counts a call whose caller has not the role for it.
  void refused_at_the_door();

  /// text returns all of it in Prometheus text format.
  [[nodiscard]] std::string text() const;

  /// collectables are what an exposer is to show. They live as long as this object.
  [[nodiscard]] std::vector<std::shared_ptr<prometheus::Collectable>> collectables() const;

 private:
  class Scraped;
  struct CallMetrics;
  struct BatchMetrics;

  CallMetrics& call_metrics(std::string_view rpc, std::optional<Profile> profile);
  BatchMetrics& batch_metrics(std::string_view engine, Profile profile);

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Counter>& items_;
  prometheus::Family<prometheus::Counter>& rejections_;
  prometheus::Family<prometheus::Histogram>& request_seconds_;
  prometheus::Family<prometheus::Histogram>& queue_age_;
  prometheus::Family<prometheus::Histogram>& batch_items_;
  prometheus::Family<prometheus::Histogram>& engine_seconds_;
  prometheus::Family<prometheus::Counter>& verified_;
  prometheus::Family<prometheus::Counter>& failed_batches_;
  prometheus::Family<prometheus::Counter>& quarantines_;
  prometheus::Family<prometheus::Counter>& returns_;
  std::shared_ptr<Scraped> scraped_;

  // Finding a series by its labels takes longer than a small call: they are kept by what tells them
  // apart.
  using Key = std::pair<std::optional<Profile>, std::string>;
  using KeyView = std::pair<std::optional<Profile>, std::string_view>;
  struct Less {
    using is_transparent = void;
    bool operator()(const KeyView& left, const KeyView& right) const { return left < right; }
  };
  std::mutex mutex_;
  std::map<Key, std::unique_ptr<CallMetrics>, Less> calls_;
  std::map<Key, std::unique_ptr<BatchMetrics>, Less> batches_;
  std::array<prometheus::Counter*, kCodes> rejected_{};  ///< by code; what they count is by cause
};

}  // namespace rekey::metrics

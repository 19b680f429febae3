// SPDX-License-Identifier: Apache-2.0
#include "contexts/contexts_run.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <string_view>
#include <thread>
#include <utility>

#include "contexts/caller.h"
#include "contexts/registered.h"
#include "service/exchange.h"
#include "service/service_run.h"

namespace rekey::bench {
namespace {

constexpr std::string_view kBatch = "batch";
constexpr std::chrono::milliseconds kRest{2};

std::string method(std::string_view rpc) { return "/rekey.v1.KeyContexts/" + std::string(rpc); }

/// A way to get the keys of all AMSs, once in each round.
class Way {
 public:
  Way(std::string name, ServerProcess* server) : caller_(server), server_(server) {
    samples_.name = std::move(name);
  }
  virtual ~Way() = default;
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;

  virtual Status ask(double* out_seconds) = 0;
  Status measure() {
    const double cpu_before = server_->cpu_seconds();
    if (Status s = ask(&samples_.seconds.emplace_back()); !s.ok()) {
      return {s.code(), samples_.name + ": " + s.message()};
    }
    samples_.cpu_seconds.push_back(cpu_after_ - cpu_before);
    return {};
  }
  [[nodiscard]] const WaySamples& samples() const { return samples_; }

 protected:
  /// To be called when the answer is there. The system adds a thread's time up when it has come to
  /// rest.
  void answered() {
    std::this_thread::sleep_for(kRest);
    cpu_after_ = server_->cpu_seconds();
  }
  Caller caller_;

 private:
  ServerProcess* server_;
  double cpu_after_ = 0;
  WaySamples samples_;
};

/// Contexts that are held, handed over again and again.
class HandoverWay final : public Way {
 public:
  HandoverWay(std::string name, ServerProcess* server, const RegisteredAmss* amss)
      : Way(std::move(name), server), amss_(amss) {}

  /// Establishes the contexts and hands them over once, which does not count.
  Status begin(Engine& referee) {
    v1::ContextsResponse answer;
    double seconds = 0;
    if (Status s = caller_.call(method("Establish"), amss_->establish(), &answer, &seconds);
        !s.ok()) {
      return s;
    }
    if (Status s = RegisteredAmss::check_done(answer); !s.ok()) return s;
    if (Status s = start(&answer, &seconds); !s.ok()) return s;
    if (Status s = amss_->check(answer, handovers_, referee); !s.ok()) return s;
    return complete();
  }

  Status ask(double* out_seconds) override {
    v1::ContextsResponse answer;
    if (Status s = start(&answer, out_seconds); !s.ok()) return s;
    if (Status s = RegisteredAmss::check_done(answer); !s.ok()) return s;
    return complete();
  }

 private:
  Status start(v1::ContextsResponse* out_answer, double* out_seconds) {
    const Status status =
        caller_.call(method("StartHandover"), amss_->start(++handovers_), out_answer, out_seconds);
    answered();
    return status;
  }

  Status complete() {
    v1::ContextsResponse answer;
    double seconds = 0;
    if (Status s = caller_.call(method("CompleteHandover"), amss_->complete(handovers_), &answer,
                                &seconds);
        !s.ok()) {
      return s;
    }
    return RegisteredAmss::check_done(answer);
  }

  const RegisteredAmss* amss_;
  std::uint32_t handovers_ = 0;
};

/// The same octets again and again.
class DeriveWay final : public Way {
 public:
  DeriveWay(std::string name, std::string rpc, ServerProcess* server, const Exchange* exchange)
      : Way(std::move(name), server),
        method_("/rekey.v1.KeyDerivation/" + std::move(rpc)),
        exchange_(exchange) {}

  Status ask(double* out_seconds) override {
    grpc::ByteBuffer answer;
    const Status status = caller_.call(method_, exchange_->request(), &answer, out_seconds);
    answered();
    return status.ok() ? exchange_->check(answer) : status;
  }

 private:
  std::string method_;
  const Exchange* exchange_;
};

}  // namespace

std::vector<WayFigures> summarize_ways(const std::vector<WaySamples>& ways, std::uint32_t amss) {
  const auto& batch = *std::ranges::find(ways, kBatch, &WaySamples::name);
  std::vector<WayFigures> figures;
  for (const WaySamples& way : ways) {
    const double sum = std::accumulate(way.seconds.begin(), way.seconds.end(), 0.0);
    figures.push_back({.name = way.name,
                       .p50 = percentile(way.seconds, 0.5),
                       .p99 = percentile(way.seconds, 0.99),
                       .p999 = percentile(way.seconds, 0.999),
                       .ams_per_second = amss * static_cast<double>(way.seconds.size()) / sum,
                       .server_cpu_seconds = summarize(way.cpu_seconds),
                       .times_batch = summarize(ratios(way.seconds, batch.seconds))});
  }
  return figures;
}

Status run_contexts(const ContextsServers& servers, std::uint32_t amss, unsigned rounds,
                    Engine& referee, std::vector<WayFigures>* out_ways) {
  std::unique_ptr<RegisteredAmss> registered;
  if (Status s = RegisteredAmss::make(amss, &registered); !s.ok()) return s;
  std::unique_ptr<Exchange> columns, rows;
  if (Status s = Exchange::make(Rpc::kColumns, amss, referee, &columns); !s.ok()) return s;
  if (Status s = Exchange::make(Rpc::kRows, amss, referee, &rows); !s.ok()) return s;
  HandoverWay memory("memory", servers.memory, registered.get());
  HandoverWay rocksdb("rocksdb", servers.rocksdb, registered.get());
  DeriveWay batch(std::string(kBatch), "DeriveBatch", servers.memory, columns.get());
  DeriveWay derive("rows", "Derive", servers.memory, rows.get());
  for (HandoverWay* way : {&memory, &rocksdb}) {
    if (Status s = way->begin(referee); !s.ok()) return s;
  }
  const std::vector<Way*> ways = {&memory, &rocksdb, &batch, &derive};
  double unmeasured = 0;
  for (Way* way : ways) {
    if (Status s = way->ask(&unmeasured); !s.ok()) return s;
  }
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < ways.size(); ++turn) {
      // Nobody always follows the same neighbour.
      if (Status s = ways[(turn + round) % ways.size()]->measure(); !s.ok()) return s;
    }
  }
  std::vector<WaySamples> samples;
  for (const Way* way : ways) samples.push_back(way->samples());
  *out_ways = summarize_ways(samples, amss);
  return {};
}

}  // namespace rekey::bench

// SPDX-License-Identifier: Apache-2.0
#include "load/contexts_link.h"

#include <deque>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "load/contexts_group.h"
#include "load/grpc_calls.h"
#include "rekey/engines.h"
#include "rekey/v1/key_contexts.grpc.pb.h"

namespace rekey::bench::load {
namespace {

using namespace std::chrono_literals;

constexpr auto kPreparationPatience = 60s;  // of one request before the load begins
constexpr auto kRemovalPatience = 5s;       // of one after it
constexpr auto kSpareLifetime = 1h;         // of PMKs, beyond the load

std::string run_name() {
  std::random_device random;
  return "rekey-bench-" + std::to_string(random()) + "-" + std::to_string(random());
}

Status from_grpc(const char* what, const grpc::Status& status) {
  if (status.ok()) return {};
  return {static_cast<Code>(status.error_code()),
          std::string(what) + ": " + status.error_message()};
}

}  // namespace

class ContextsLink::Impl {
 public:
  struct Group {
    explicit Group(ContextsGroup group) : contexts(std::move(group)) {}

    ContextsGroup contexts;  ///< of whoever set `busy`
    std::mutex mutex;
    bool busy = false;
    std::deque<Job> waiting;
  };

  Impl(const Scenario& of, const RequestPool& pool, Listener* listener)
      : hub(pool, listener), scenario(of), referee(make_openssl_engine()) {}

  Status establish() {
    if (Status s = admit(*referee); !s.ok()) return s;
    const std::string name = run_name();
    const std::chrono::milliseconds lifetime =
        scenario.warm_up + scenario.measured + 2 * scenario.timeout + kSpareLifetime;
    for (std::size_t i = 0; i < hub.pool.size(); ++i) {
      groups.push_back(std::make_unique<Group>(
          ContextsGroup(hub.pool.wave(i), hub.pool.wanted(i), name + "-" + std::to_string(i))));
      if (Status s = remove(i, kPreparationPatience); !s.ok()) return s;
      ContextsGroup& contexts = groups.back()->contexts;
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + kPreparationPatience);
      v1::ContextsResponse answer;
      const v1::EstablishRequest request =
          contexts.establish_request(static_cast<std::uint64_t>(lifetime.count()));
      const grpc::Status status =
          v1::KeyContexts::NewStub(channel(0, i))->Establish(&context, request, &answer);
      if (!status.ok()) return from_grpc("Establish", status);
      if (const std::string wrong = contexts.established(answer, *referee); !wrong.empty()) {
        return {Code::kInternal, "Establish: " + wrong};
      }
    }
    return {};
  }

  Status remove(std::size_t group, std::chrono::seconds patience) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    v1::ContextsResponse answer;
    return from_grpc("Remove",
                     v1::KeyContexts::NewStub(channel(0, group))
                         ->Remove(&context, groups[group]->contexts.remove_request(), &answer));
  }

  void begin(const Job& job) {
    Group& group = *groups[job.request];
    const bool starts = group.contexts.starts();
    const auto on_end = [this, job](const grpc::Status& status, grpc::ByteBuffer* response) {
      end(job, Clock::now(), status, response);
    };
    UnaryCall::start(
        stubs[way(job.caller, job.request)].get(),
        starts ? "/rekey.v1.KeyContexts/StartHandover" : "/rekey.v1.KeyContexts/CompleteHandover",
        scenario.timeout, grpc::Slice(group.contexts.message()), &hub, on_end);
  }

  /// The group's AMSs are on the same target, whoever asks.
  [[nodiscard]] std::size_t way(std::size_t caller, std::size_t group) const {
    return caller * targets + group % targets;
  }
  [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel(std::size_t caller,
                                                              std::size_t group) const {
    return channels[way(caller, group)];
  }

  Hub hub;
  Scenario scenario;
  std::unique_ptr<Engine> referee;
  std::mutex referee_mutex;
  std::size_t targets = 0;
  std::vector<std::shared_ptr<grpc::Channel>> channels;  ///< see open_channels()
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  std::vector<std::unique_ptr<Group>> groups;  ///< like the requests of the pool

 private:
  void end(const Job& job, Clock::time_point at, const grpc::Status& status,
           grpc::ByteBuffer* response) {
    Group& group = *groups[job.request];
    if (status.ok()) {
      v1::ContextsResponse answer;
      Verdict verdict{0, "the answer: expected a message, found octets that are none"};
      if (parse(response, &answer)) verdict = judge(&group, answer, job.verified);
      hub.answered(job, at, std::move(verdict));
    } else {
      hub.failed(job, status);
    }
    Job next;
    {
      const std::lock_guard lock(group.mutex);
      group.busy = !group.waiting.empty();
      if (!group.busy) return;
      next = group.waiting.front();
      group.waiting.pop_front();
    }
    begin(next);
  }

  Verdict judge(Group* group, const v1::ContextsResponse& answer, bool verified) {
    if (!verified) return group->contexts.take(answer, nullptr);
    const std::lock_guard lock(referee_mutex);
    return group->contexts.take(answer, referee.get());
  }
};

Status ContextsLink::open(const Targets& targets, const Scenario& scenario, const RequestPool& pool,
                          Listener* listener, std::unique_ptr<ContextsLink>* out_link) {
  auto impl = std::make_unique<Impl>(scenario, pool, listener);
  impl->targets = targets.addresses.size();
  if (Status s = open_channels(targets, scenario.caller_count(), &impl->channels); !s.ok()) {
    return s;
  }
  for (const auto& channel : impl->channels) {
    impl->stubs.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
  if (Status s = impl->establish(); !s.ok()) return s;
  out_link->reset(new ContextsLink(std::move(impl)));
  return {};
}

ContextsLink::ContextsLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ContextsLink::~ContextsLink() {
  impl_->hub.wait_for(kGoodbyePatience);
  give_up();
  impl_->hub.wait();
  for (std::size_t group = 0; group < impl_->groups.size(); ++group) {
    // A server that is gone has nothing to remove, and one that is slow is not waited for.
    if (!impl_->remove(group, kRemovalPatience).ok()) break;
  }
}

void ContextsLink::send(const Job& job) {
  Impl::Group& group = *impl_->groups[job.request];
  {
    const std::lock_guard lock(group.mutex);
    if (std::exchange(group.busy, true)) {
      group.waiting.push_back(job);
      return;
    }
  }
  impl_->begin(job);
}

void ContextsLink::give_up() { impl_->hub.give_up(); }

}  // namespace rekey::bench::load

// SPDX-License-Identifier: Apache-2.0
#include "contexts/derive.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "columns/input_columns.h"
#include "columns/result_columns.h"

namespace rekey::contexts {
namespace {

using Counters = std::vector<std::uint16_t>;

/// Part is what one batch derives of one context: the security associations whose live TEKs have
/// the same counters, and the other keys if it is the context's first part.
struct Part {
  const Wanted* wanted;
  std::vector<std::uint16_t> saids;
};

/// What must be the same in a batch. The options come as a tuple, which has an order.
using Kind = std::tuple<Profile, bool, std::uint8_t, bool, std::uint8_t, Counters>;

KeySet outputs_of(const Wanted& wanted, bool first) {
  const KeySet all = derived_keys(wanted.profile);
  return first ? all : KeySet{KeyKind::kTek};
}

Kind kind_of(const Wanted& wanted, KeySet outputs, Counters counters) {
  return {wanted.profile,
          wanted.options.nonce_first,
          wanted.options.said_octets,
          wanted.options.msid_privacy_off,
          outputs.bits(),
          std::move(counters)};
}

/// Countdown waits for jobs.
class Countdown {
 public:
  explicit Countdown(std::size_t left) : left_(left) {}
  void one_done() {
    const std::lock_guard lock(mutex_);
    if (--left_ == 0) none_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t left_;
};

/// Batch is one request to the engines.
class Batch final : public dispatch::Job {
 public:
  Batch(const CallerInfo& caller, KeySet outputs, Counters counters, std::vector<Part> parts,
        Countdown* countdown)
      : caller_(caller),
        counters_(std::move(counters)),
        parts_(std::move(parts)),
        countdown_(countdown) {
    const Wanted& first = *parts_.front().wanted;
    std::size_t sas = 0;
    for (const Part& part : parts_) sas += part.saids.size();
    columns_ = InputColumns(first.profile, first.options, parts_.size(), sas);
    for (const Part& part : parts_) append(part);
    BatchInput input;
    input.profile = first.profile;
    input.options = first.options;
    input.outputs = outputs;
    if (outputs.contains(KeyKind::kTek)) input.tek_counters = counters_;
    columns_.point_input(&input);
    checked_ = check_batch(input, &batch_);
  }

  /// Never wrong unless this file is.
  [[nodiscard]] bool well_formed() const { return checked_.ok() && batch_.failed() == 0; }

  [[nodiscard]] const CheckedBatch& batch() const override { return batch_; }
  [[nodiscard]] scheduler::Priority priority() const override {
    return scheduler::Priority::kHandover;
  }
  [[nodiscard]] std::string_view caller() const override { return caller_.name; }
  [[nodiscard]] std::uint64_t deadline_us() const override { return caller_.deadline_us; }
  BatchResult begin_results() override {
    results_ = ResultColumns(batch_);
    return results_.spans();
  }
  void done(const dispatch::Ending& ending) override {
    ending_ = ending;
    countdown_->one_done();
  }

  [[nodiscard]] const dispatch::Ending& ending() const { return ending_; }

  void write_keys() {
    const BatchResult keys = results_.spans();
    std::size_t tek = 0;
    for (std::size_t item = 0; item < parts_.size(); ++item) {
      v1::ContextKeys* out = parts_[item].wanted->out_keys;
      using Keys = v1::ContextKeys;
      const auto put = [&](KeyKind kind, std::string* (Keys::*field)()) {
        if (!batch_.outputs().contains(kind)) return;
        const Octets key = keys.column(kind).subspan(item * key_octets(kind), key_octets(kind));
        (out->*field)()->assign(key.begin(), key.end());
      };
      put(KeyKind::kMsidStar, &Keys::mutable_msid_star);
      put(KeyKind::kAk, &Keys::mutable_ak);
      put(KeyKind::kAkid, &Keys::mutable_akid);
      put(KeyKind::kCmacKeyU, &Keys::mutable_cmac_key_u);
      put(KeyKind::kCmacKeyD, &Keys::mutable_cmac_key_d);
      put(KeyKind::kKek, &Keys::mutable_kek);
      for (const std::uint16_t said : parts_[item].saids) {
        for (const std::uint16_t counter : counters_) {
          const Octets key = keys.teks.subspan(tek++ * kTekOctets, kTekOctets);
          v1::Tek* out_tek = out->add_teks();
          out_tek->set_said(said);
          out_tek->set_counter(counter);
          out_tek->set_eks(counter % 4);
          out_tek->set_key(key.data(), key.size());
        }
      }
    }
  }

 private:
  void append(const Part& part) {
    const AnsweredContext& context = part.wanted->context;
    const Authentication& authentication = context.derivation->authentication;
    const std::uint8_t count[] = {static_cast<std::uint8_t>(context.count >> 8),
                                  static_cast<std::uint8_t>(context.count)};
    std::array<std::uint8_t, 2 * kMaxContextSas> saids;
    std::size_t octets = 0;
    for (const std::uint16_t said : part.saids) {
      if (part.wanted->options.said_octets == 2) {
        saids[octets++] = static_cast<std::uint8_t>(said >> 8);
      }
      saids[octets++] = static_cast<std::uint8_t>(said);
    }
    columns_.append({authentication.pmk.octets(),
                     *part.wanted->msid,
                     context.bsid,
                     authentication.nonce,
                     count,
                     {&authentication.ak_sn, 1},
                     ConstOctets(saids).first(octets),
                     static_cast<std::uint8_t>(part.saids.size())});
  }

  CallerInfo caller_;
  Counters counters_;
  std::vector<Part> parts_;
  Countdown* countdown_;
  InputColumns columns_;
  CheckedBatch batch_;
  Status checked_;
  ResultColumns results_;
  dispatch::Ending ending_;
};

/// The security associations of one context whose TEKs have the same counters.
struct AlikeSas {
  Counters counters;
  std::vector<std::uint16_t> saids;
};

/// `teks` has those of one security association side by side.
std::vector<AlikeSas> alike_sas(const std::vector<MovedTek>& teks) {
  std::vector<AlikeSas> alike;
  for (std::size_t begin = 0, end = 0; begin < teks.size(); begin = end) {
    Counters counters;
    for (; end < teks.size() && teks[end].said == teks[begin].said; ++end) {
      counters.push_back(teks[end].counter);
    }
    std::ranges::sort(counters);
    auto found = std::ranges::find(alike, counters, &AlikeSas::counters);
    if (found == alike.end()) found = alike.insert(found, {std::move(counters), {}});
    found->saids.push_back(teks[begin].said);
  }
  if (alike.empty()) alike.push_back({{0, 1}, {}});
  return alike;
}

/// The parts of all contexts, those of one kind together.
std::map<Kind, std::vector<Part>> sort_out(const std::vector<Wanted>& wanted) {
  std::map<Kind, std::vector<Part>> kinds;
  for (const Wanted& context : wanted) {
    const Derivation& derivation = *context.context.derivation;
    bool first = !derivation.teks_alone;
    for (AlikeSas& sas : alike_sas(derivation.teks)) {
      kinds[kind_of(context, outputs_of(context, first), std::move(sas.counters))].push_back(
          {&context, std::move(sas.saids)});
      first = false;
    }
  }
  return kinds;
}

void note(const dispatch::Served& served, dispatch::Served* out_served) {
  if (out_served->engine.empty()) {
    *out_served = served;
    return;
  }
  if (out_served->engine.find(served.engine) == std::string::npos) {
    out_served->engine += "+" + served.engine;
  }
  out_served->batch_items = std::max(out_served->batch_items, served.batch_items);
  out_served->queue_us = std::max(out_served->queue_us, served.queue_us);
  out_served->engine_us += served.engine_us;
  out_served->verified = out_served->verified && served.verified;
}

}  // namespace

NoKeys derive_keys(dispatch::Dispatcher* dispatcher, const CallerInfo& caller,
                   const std::vector<Wanted>& wanted, dispatch::Served* out_served) {
  std::map<Kind, std::vector<Part>> kinds = sort_out(wanted);
  Countdown countdown(kinds.size());
  std::vector<std::unique_ptr<Batch>> batches;
  std::vector<dispatch::Job*> jobs;
  batches.reserve(kinds.size());
  jobs.reserve(kinds.size());
  for (auto& [kind, parts] : kinds) {
    KeySet outputs;
    for (const KeyKind key : kAllKeyKinds) {
      if ((std::get<4>(kind) & KeySet{key}.bits()) != 0) outputs.insert(key);
    }
    batches.push_back(
        std::make_unique<Batch>(caller, outputs, std::get<5>(kind), std::move(parts), &countdown));
    if (!batches.back()->well_formed()) return scheduler::Outcome::kFailed;
    jobs.push_back(batches.back().get());
  }
  if (jobs.empty()) return {};
  if (scheduler::Answer answer = dispatcher->submit_together(jobs); !answer.accepted()) {
    return answer;
  }
  countdown.wait();
  for (const auto& batch : batches) {
    if (batch->ending().outcome != scheduler::Outcome::kDone) return batch->ending().outcome;
  }
  for (const auto& batch : batches) {
    batch->write_keys();
    note(batch->ending().served, out_served);
  }
  return {};
}

}  // namespace rekey::contexts

// SPDX-License-Identifier: Apache-2.0
#include "service/contexts/crash_subjects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "rekey/engines.h"
#include "support/owned_result.h"

namespace rekey::contexts::test {
namespace {

constexpr Millis kTenYears = 10ULL * 365 * 24 * 3'600 * 1'000;
constexpr std::array<std::uint8_t, 2> kSaids = {1, 2};
constexpr std::uint8_t kAkSn = 5;
constexpr std::uint32_t kOmitPkm = 2;

std::string bsid_octets(std::uint8_t number) { return std::string(5, '\0') + char(number); }

std::array<std::uint8_t, kPmkOctets> pmk_of(const Msid& msid, std::uint8_t number) {
  std::array<std::uint8_t, kPmkOctets> pmk{};
  std::ranges::copy(msid, pmk.begin() + 1);
  pmk[0] = number;
  return pmk;
}

Nonce nonce_of(std::uint8_t number) { return {number, 7}; }

template <typename Octets>
std::string string_of(const Octets& octets) {
  return {octets.begin(), octets.end()};
}

void fill(const Msid& msid, std::uint8_t pmk, v1::Authentication* out) {
  out->set_pmk(string_of(pmk_of(msid, pmk)));
  out->set_pmk_lifetime_ms(kTenYears);
  out->set_nonce_bs(string_of(nonce_of(pmk)));
  out->set_ak_sn(kAkSn);
}

/// Draw makes the items of one request.
class Draw {
 public:
  Draw(std::mt19937_64& random, const std::string& operation_id, std::vector<Subject>* subjects)
      : random_(random), id_(operation_id), subjects_(subjects) {}

  Step step() && {
    switch (below(16)) {
      case 0:
      case 1:
        establish();
        break;
      case 2:
        if (chance(50)) {
          remove();
          break;
        }
        [[fallthrough]];
      case 3:
        reauthenticate();
        break;
      case 4:
        first_tek_used();
        break;
      case 5:
      case 6:
        update_tek();
        break;
      case 7:
      case 8:
      case 9:
        complete();
        break;
      case 10:
        cancel();
        break;
      default:
        start();
        break;
    }
    return std::move(step_);
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint8_t bsid() { return static_cast<std::uint8_t>(below(4)); }

  template <typename Visit>
  void some(Visit visit) {
    const bool all = chance(30);
    for (std::size_t i = 0; i < subjects_->size(); ++i) {
      if (!all && chance(50)) continue;
      step_.items.push_back({i, visit((*subjects_)[i])});
    }
  }
  template <typename Request>
  Request& request() {
    auto& made = step_.request.emplace<Request>();
    made.set_operation_id(id_);
    return made;
  }

  void establish() {
    auto& made = request<v1::EstablishRequest>();
    some([&](Subject& subject) {
      const std::uint8_t pmk = ++subject.pmks;
      const std::uint8_t at = bsid();
      v1::AmsRegistration* item = made.add_items();
      item->set_msid(subject.name());
      item->set_bsid(bsid_octets(at));
      item->set_profile(v1::PROFILE_16M_DRAFT);
      fill(subject.msid, pmk, item->mutable_authentication());
      for (const std::uint8_t said : kSaids) item->add_saids(said);
      return [=](ModelAms* model) { return model->establish(at, pmk, kTenYears, kNever); };
    });
  }

  void start() {
    auto& made = request<v1::StartHandoverRequest>();
    StartHandover common;
    common.omit_pkm = !chance(5);
    common.seamless = chance(40);
    common.reentry_mode_1 = chance(50);
    if (chance(50)) common.resource_retain_time = 0;
    v1::Handover* handover = made.mutable_handover();
    handover->set_ho_process_optimization(common.omit_pkm ? kOmitPkm : 0);
    handover->set_seamless_handover(common.seamless);
    if (common.reentry_mode_1) {
      handover->set_network_reentry_mode(v1::NETWORK_REENTRY_MODE_ENTRY_BEFORE_BREAK);
    }
    if (common.resource_retain_time == 0) handover->set_resource_retain_time_ms(0);
    some([&](Subject& subject) {
      StartHandover asked = common;
      const std::uint8_t target = bsid();
      asked.target[5] = target;
      if (chance(50)) {
        // Stale, equal, next, larger.
        const auto near = subject.model.expected_count() + static_cast<std::uint32_t>(below(5));
        asked.count = std::min<std::uint32_t>(near < 3 ? near : near - 3, kMaxCmacKeyCount);
      }
      v1::HandoverItem* item = made.add_items();
      item->set_msid(subject.name());
      item->set_target_bsid(bsid_octets(target));
      if (asked.count) item->set_cmac_key_count(*asked.count);
      return [=](ModelAms* model) { return model->start(asked); };
    });
  }

  void complete() {
    auto& made = request<v1::CompleteHandoverRequest>();
    some([&](Subject& subject) {
      const std::uint8_t target = bsid();
      v1::TargetItem* item = made.add_items();
      item->set_msid(subject.name());
      item->set_target_bsid(bsid_octets(target));
      return [=](ModelAms* model) { return model->complete(target); };
    });
  }

  void cancel() {
    auto& made = request<v1::CancelHandoverRequest>();
    some([&](Subject& subject) {
      std::optional<std::uint8_t> target;
      if (chance(50)) target = bsid();
      v1::TargetItem* item = made.add_items();
      item->set_msid(subject.name());
      if (target) item->set_target_bsid(bsid_octets(*target));
      return [=](ModelAms* model) { return model->cancel(target); };
    });
  }

  void update_tek() {
    auto& made = request<v1::UpdateTekRequest>();
    some([&](Subject& subject) {
      made.add_items()->set_msid(subject.name());
      return [](ModelAms* model) { return model->update_tek(); };
    });
  }

  void reauthenticate() {
    auto& made = request<v1::ReauthenticateRequest>();
    some([&](Subject& subject) {
      const std::uint8_t pmk = ++subject.pmks;
      std::optional<std::uint8_t> at;
      if (chance(60)) at = bsid();
      v1::ReauthenticateItem* item = made.add_items();
      item->set_msid(subject.name());
      if (at) item->set_bsid(bsid_octets(*at));
      fill(subject.msid, pmk, item->mutable_new_pmk());
      return [=](ModelAms* model) { return model->reauthenticate(at, pmk, kTenYears); };
    });
  }

  void first_tek_used() {
    auto& made = request<v1::ReauthenticateRequest>();
    some([&](Subject& subject) {
      v1::ReauthenticateItem* item = made.add_items();
      item->set_msid(subject.name());
      item->set_first_tek_used(true);
      return [](ModelAms* model) { return model->first_tek_used(); };
    });
  }

  void remove() {
    auto& made = request<v1::RemoveRequest>();
    some([&](Subject& subject) {
      made.add_msids(subject.name());
      return [](ModelAms* model) { return model->remove(); };
    });
  }

  std::mt19937_64& random_;
  const std::string& id_;
  std::vector<Subject>* subjects_;
  Step step_;
};

ModelAms::Held shown_by(const v1::KeyContext& context, std::uint8_t pmk) {
  ModelAms::Held shown{static_cast<Role>(context.role() - 1),
                       static_cast<std::uint8_t>(context.bsid().back()),
                       context.cmac_key_count(),
                       context.usable(),
                       pmk,
                       {}};
  for (const v1::TekInfo& tek : context.teks()) shown.teks.insert(tek.counter());
  return shown;
}

/// The keys that OpenSSL derives, in a batch of one.
void expect_referees(const Subject& subject, std::uint8_t pmk_number,
                     const v1::KeyContext& context) {
  const auto pmk = pmk_of(subject.msid, pmk_number);
  const Nonce nonce = nonce_of(pmk_number);
  const std::array<std::uint8_t, 2> count = {
      static_cast<std::uint8_t>(context.cmac_key_count() >> 8),
      static_cast<std::uint8_t>(context.cmac_key_count())};
  std::set<std::uint16_t> different;
  for (const v1::Tek& tek : context.keys().teks()) {
    different.insert(static_cast<std::uint16_t>(tek.counter()));
  }
  const std::vector<std::uint16_t> counters(different.begin(), different.end());
  const std::uint8_t sas = kSaids.size();
  BatchInput input;
  input.count = 1;
  input.pmk = pmk;
  input.msid = subject.msid;
  input.bsid = {reinterpret_cast<const std::uint8_t*>(context.bsid().data()),
                context.bsid().size()};
  input.nonce = nonce;
  input.cmac_key_count = count;
  input.ak_sn = {&kAkSn, 1};
  input.sa_counts = {&sas, 1};
  input.saids = kSaids;
  input.tek_counters = counters;
  CheckedBatch batch;
  ASSERT_EQ(check_batch(input, &batch), Status());
  const rekey::test::OwnedResult expected(batch);
  ASSERT_EQ(make_openssl_engine()->derive(batch, expected.result()), Status());
  const v1::ContextKeys& keys = context.keys();
  ASSERT_EQ(static_cast<std::size_t>(keys.teks_size()), kSaids.size() * counters.size());
  for (int i = 0; i < keys.teks_size(); ++i) {
    EXPECT_EQ(keys.teks(i).key(), string_of(expected.tek(static_cast<std::size_t>(i))));
  }
  if (keys.ak().empty()) return;  // of UpdateTek
  EXPECT_EQ(keys.msid_star(), string_of(expected.key(KeyKind::kMsidStar, 0)));
  EXPECT_EQ(keys.ak(), string_of(expected.key(KeyKind::kAk, 0)));
  EXPECT_EQ(keys.akid(), string_of(expected.key(KeyKind::kAkid, 0)));
  EXPECT_EQ(keys.cmac_key_u(), string_of(expected.key(KeyKind::kCmacKeyU, 0)));
  EXPECT_EQ(keys.cmac_key_d(), string_of(expected.key(KeyKind::kCmacKeyD, 0)));
}

}  // namespace

Step draw_step(std::mt19937_64& random, const std::string& operation_id,
               std::vector<Subject>* subjects) {
  for (;;) {
    Step step = Draw(random, operation_id, subjects).step();
    if (!step.items.empty()) return step;
  }
}

void expect_held(const Subject& subject, const v1::KeyContext& context) {
  for (const ModelAms::Held& held : subject.model.held()) {
    if (held != shown_by(context, held.pmk)) continue;
    if (context.has_keys()) expect_referees(subject, held.pmk, context);
    return;
  }
  ADD_FAILURE() << "expected a context that the model holds, found BSID "
                << int{context.bsid().back()} << ", count " << context.cmac_key_count() << ", role "
                << context.role();
}

void expect_all_held(const Subject& subject, const v1::AmsContexts& item) {
  ASSERT_EQ(item.code() == 0, subject.model.known()) << item.code() << ": " << item.message();
  if (!subject.model.known()) return;
  EXPECT_EQ(item.next_cmac_key_count(), subject.model.expected_count());
  EXPECT_EQ(static_cast<std::size_t>(item.contexts_size()), subject.model.held().size());
  for (const v1::KeyContext& context : item.contexts()) {
    EXPECT_TRUE(context.has_keys());
    expect_held(subject, context);
  }
}

}  // namespace rekey::contexts::test

// SPDX-License-Identifier: Apache-2.0
#include "contexts/registered.h"

#include <array>
#include <string_view>
#include <utility>

namespace rekey::bench {
namespace {

constexpr std::uint64_t kSeed = 17;
constexpr std::array<std::uint8_t, kBsidOctets> kServing = {0, 0, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, kBsidOctets> kTarget = {0, 0, 0, 0, 0, 2};
constexpr std::uint32_t kOmitPkm = 2;
constexpr std::uint64_t kDayMs = 86'400'000;
constexpr std::size_t kTeksPerAms = 2;

std::string text(ConstOctets octets) { return {octets.begin(), octets.end()}; }

template <std::size_t Width>
std::string value(const Column<Width>& column, std::size_t item) {
  return text({column.at(item), Width});
}

std::string operation(std::string_view rpc, std::uint32_t handover) {
  return std::string(rpc) + " " + std::to_string(handover);
}

/// One AMS's part of a column.
template <typename Octets>
std::string_view part(const Octets& column, std::size_t item, std::size_t width) {
  return {reinterpret_cast<const char*>(column.data()) + item * width, width};
}

}  // namespace

Status RegisteredAmss::make(std::uint32_t amss, std::unique_ptr<RegisteredAmss>* out_amss) {
  std::unique_ptr<Workload> workload;
  if (Status s = Workload::make(Profile::k16mDraft, amss, kSeed, &workload); !s.ok()) return s;
  out_amss->reset(new RegisteredAmss(std::move(workload)));
  return {};
}

v1::EstablishRequest RegisteredAmss::establish() const {
  const CheckedBatch& batch = workload_->batch();
  v1::EstablishRequest request;
  request.set_operation_id("establish");
  for (std::size_t i = 0; i < batch.count(); ++i) {
    v1::AmsRegistration* item = request.add_items();
    item->set_msid(value(batch.msid(), i));
    item->set_bsid(text(kServing));
    item->set_profile(v1::PROFILE_16M_DRAFT);
    v1::Authentication* authentication = item->mutable_authentication();
    authentication->set_pmk(value(batch.pmk(), i));
    authentication->set_pmk_lifetime_ms(kDayMs);
    authentication->set_nonce_bs(value(batch.nonce(), i));
    authentication->set_ak_sn(*batch.ak_sn().at(i));
    item->add_saids(batch.saids()[i]);
  }
  return request;
}

v1::StartHandoverRequest RegisteredAmss::start(std::uint32_t handover) const {
  const CheckedBatch& batch = workload_->batch();
  v1::StartHandoverRequest request;
  request.set_operation_id(operation("start", handover));
  request.mutable_handover()->set_target_bsid(text(kTarget));
  request.mutable_handover()->set_ho_process_optimization(kOmitPkm);
  for (std::size_t i = 0; i < batch.count(); ++i) {
    request.add_items()->set_msid(value(batch.msid(), i));
  }
  return request;
}

v1::CompleteHandoverRequest RegisteredAmss::complete(std::uint32_t handover) const {
  const CheckedBatch& batch = workload_->batch();
  v1::CompleteHandoverRequest request;
  request.set_operation_id(operation("complete", handover));
  request.set_target_bsid(text(kTarget));
  for (std::size_t i = 0; i < batch.count(); ++i) {
    request.add_items()->set_msid(value(batch.msid(), i));
  }
  return request;
}

Status RegisteredAmss::check_done(const v1::ContextsResponse& answer) {
  for (int i = 0; i < answer.items_size(); ++i) {
    if (answer.items(i).code() == 0) continue;
    return {Code::kInternal, "rekeyd's answer: item " + std::to_string(i) + ": expected code 0, " +
                                 "found " + std::to_string(answer.items(i).code()) + ": " +
                                 answer.items(i).message()};
  }
  return {};
}

Status RegisteredAmss::check(const v1::ContextsResponse& answer, std::uint32_t handover,
                             Engine& referee) const {
  if (Status s = check_done(answer); !s.ok()) return s;
  const CheckedBatch& batch = workload_->batch();
  const std::array<std::uint8_t, kCmacKeyCountOctets> count = {
      static_cast<std::uint8_t>(handover >> 8), static_cast<std::uint8_t>(handover)};
  BatchInput input;
  input.profile = batch.profile();
  input.count = batch.count();
  input.pmk = batch.pmk().octets(batch.count());
  input.msid = batch.msid().octets(batch.count());
  input.bsid = kTarget;
  input.nonce = batch.nonce().octets(batch.count());
  input.cmac_key_count = count;
  input.ak_sn = batch.ak_sn().octets(batch.count());
  input.saids = batch.saids();
  CheckedBatch handed_over;
  if (Status s = check_batch(input, &handed_over); !s.ok()) return s;
  const ResultColumns expected(handed_over);
  if (Status s = referee.derive(handed_over, expected.result()); !s.ok()) return s;
  const BatchResult& keys = expected.result();
  const auto wrong = [](const std::string& what) {
    return Status(Code::kInternal,
                  "rekeyd's answer: expected OpenSSL's keys, found others: " + what);
  };
  if (answer.items_size() != static_cast<int>(batch.count())) return wrong("the number of AMSs");
  for (std::size_t i = 0; i < batch.count(); ++i) {
    const v1::AmsContexts& item = answer.items(static_cast<int>(i));
    if (item.contexts_size() != 1) return wrong("the number of contexts");
    const v1::ContextKeys& found = item.contexts(0).keys();
    const auto differs = [i](const std::string& key, ConstOctets column) {
      return key != part(column, i, key.size()) || key.empty();
    };
    if (differs(found.msid_star(), keys.msid_star)) return wrong("msid_star");
    if (differs(found.ak(), keys.ak)) return wrong("ak");
    if (differs(found.akid(), keys.akid)) return wrong("akid");
    if (differs(found.cmac_key_u(), keys.cmac_key_u)) return wrong("cmac_key_u");
    if (differs(found.cmac_key_d(), keys.cmac_key_d)) return wrong("cmac_key_d");
    if (found.teks_size() != static_cast<int>(kTeksPerAms)) return wrong("the number of TEKs");
    for (std::size_t tek = 0; tek < kTeksPerAms; ++tek) {
      const std::string& key = found.teks(static_cast<int>(tek)).key();
      if (key != part(keys.teks, i * kTeksPerAms + tek, kTekOctets)) return wrong("teks");
    }
  }
  return {};
}

}  // namespace rekey::bench

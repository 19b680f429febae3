// SPDX-License-Identifier: Apache-2.0
#include "load/contexts_group.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "contexts/context.h"
#include "contexts/requests.h"
#include "load/scenario.h"
#include "rekey/secret.h"
#include "rekey/v1/key_derivation.pb.h"
#include "rekeyctl/local_engine.h"
#include "rekeyctl/wire_chunk.h"
#include "wave/ams_record.h"
#include "wave/derived_keys.h"

namespace rekey::bench::load {
namespace {

static_assert(kMaxContextsAms == contexts::kMaxRequestAmss);
static_assert(kMaxContextsSas == contexts::kMaxContextSas);

constexpr std::uint32_t kOmitPkm = 2;  // bit #1 of HO process optimization
/// The ABSs between which AMSs move, locally administered like the MSIDs.
constexpr std::string_view kTargets[] = {{"\x02\0\0\0\0\x01", kBsidOctets},
                                         {"\x02\0\0\0\0\x02", kBsidOctets}};

std::string text(ConstOctets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

ConstOctets octets(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The AMS of a wave as it would be at another ABS.
wave::AmsRecord record_of(const wave::Wave& wave, std::size_t item, const std::string& bsid,
                          std::uint32_t count) {
  const BatchInput ams = wave.input(item, 1);
  wave::AmsRecord record;
  std::ranges::copy(ams.pmk, record.pmk.octets().begin());
  std::ranges::copy(ams.msid, record.msid.begin());
  std::ranges::copy(octets(bsid), record.bsid.begin());
  std::ranges::copy(ams.nonce, record.nonce.begin());
  record.cmac_key_count = static_cast<std::uint16_t>(count);
  record.ak_sn = ams.ak_sn[0];
  for (std::uint32_t sa = 0; sa < wave.sa_count(item); ++sa) {
    record.saids.push_back(wave.said(item, sa));
  }
  return record;
}

const std::string& key_of(const v1::ContextKeys& keys, KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return keys.msid_star();
    case KeyKind::kAk:
      return keys.ak();
    case KeyKind::kAkid:
      return keys.akid();
    case KeyKind::kCmacKeyU:
      return keys.cmac_key_u();
    case KeyKind::kCmacKeyD:
      return keys.cmac_key_d();
    case KeyKind::kKek:
    case KeyKind::kTek:
      break;
  }
  return keys.kek();
}

std::string teks_of(const v1::ContextKeys& keys) {
  std::string teks;
  for (const v1::Tek& tek : keys.teks()) teks += tek.key();
  return teks;
}

}  // namespace

ContextsGroup::ContextsGroup(const wave::Wave& wave, const ctl::Wanted& wanted, std::string name)
    : wave_(wave), wanted_(wanted), name_(std::move(name)), latest_counts_(wave.size()) {}

v1::RemoveRequest ContextsGroup::remove_request() const {
  v1::RemoveRequest request;
  request.set_operation_id(name_ + "-remove-" + std::to_string(steps_));
  for (std::size_t item = 0; item < wave_.size(); ++item) {
    request.add_msids(text(wave_.msid(item)));
  }
  return request;
}

v1::EstablishRequest ContextsGroup::establish_request(std::uint64_t pmk_lifetime_ms) const {
  v1::DeriveRequest rows;
  ctl::fill_request(wave_, wanted_, &rows);
  v1::EstablishRequest request;
  request.set_operation_id(name_ + "-establish");
  for (const v1::AmsInput& row : rows.items()) {
    v1::AmsRegistration& item = *request.add_items();
    item.set_msid(row.msid());
    item.set_bsid(row.bsid());
    item.set_profile(rows.profile());
    *item.mutable_options() = rows.options();
    *item.mutable_saids() = row.saids();
    v1::Authentication& authentication = *item.mutable_authentication();
    authentication.set_pmk(row.pmk());
    authentication.set_pmk_lifetime_ms(pmk_lifetime_ms);
    authentication.set_ak_sn(row.ak_sn());
    const Profile profile = wave_.rules().profile;
    if (profile == Profile::k16mPublished) authentication.set_nonce_ams(row.nonce());
    if (profile == Profile::k16mDraft) authentication.set_nonce_bs(row.nonce());
  }
  return request;
}

std::string ContextsGroup::established(const v1::ContextsResponse& answer, Engine& referee) {
  for (const v1::AmsContexts& item : answer.items()) {
    if (item.code() != 0) return "an AMS cannot be established: " + item.message();
  }
  return compare(answer, referee);
}

std::string ContextsGroup::message() const {
  if (starts()) {
    v1::StartHandoverRequest request;
    request.set_operation_id(operation_id());
    for (std::size_t item = 0; item < wave_.size(); ++item) {
      request.add_items()->set_msid(text(wave_.msid(item)));
    }
    request.mutable_handover()->set_target_bsid(target());
    request.mutable_handover()->set_ho_process_optimization(kOmitPkm);
    return request.SerializeAsString();
  }
  v1::CompleteHandoverRequest request;
  request.set_operation_id(operation_id());
  request.set_target_bsid(target());
  for (std::size_t item = 0; item < wave_.size(); ++item) {
    request.add_items()->set_msid(text(wave_.msid(item)));
  }
  return request.SerializeAsString();
}

Verdict ContextsGroup::take(const v1::ContextsResponse& answer, Engine* referee) {
  Verdict verdict;
  const bool fits = static_cast<std::size_t>(answer.items_size()) == wave_.size();
  if (!fits) {
    verdict.wrong = "items: expected " + std::to_string(wave_.size()) + ", found " +
                    std::to_string(answer.items_size());
  } else if (starts()) {
    verdict = take_targets(answer, referee);
  } else {
    for (const v1::AmsContexts& item : answer.items()) {
      if (item.code() != 0) {
        ++verdict.failed_ams;
      } else if (item.state() != v1::AMS_STATE_SERVING) {
        verdict.wrong = "state: expected a serving context, found another";
      }
    }
  }
  ++steps_;
  return verdict;
}

Verdict ContextsGroup::take_targets(const v1::ContextsResponse& answer, Engine* referee) {
  Verdict verdict;
  for (std::size_t item = 0; item < wave_.size(); ++item) {
    const v1::AmsContexts& ams = answer.items(static_cast<int>(item));
    if (ams.code() != 0) {
      ++verdict.failed_ams;
      continue;
    }
    if (ams.contexts_size() != 1 || ams.contexts(0).bsid() != target()) {
      verdict.wrong = "contexts: expected the one at the target, found another";
      return verdict;
    }
    const std::uint32_t count = ams.contexts(0).cmac_key_count();
    if (count <= latest_counts_[item]) {
      verdict.wrong = "cmac_key_count: expected more than " + std::to_string(latest_counts_[item]) +
                      ", found " + std::to_string(count);
      return verdict;
    }
    latest_counts_[item] = count;
  }
  if (referee != nullptr) verdict.wrong = compare(answer, *referee);
  return verdict;
}

std::string ContextsGroup::compare(const v1::ContextsResponse& answer, Engine& referee) const {
  if (static_cast<std::size_t>(answer.items_size()) != wave_.size()) {
    return "items: expected one for each AMS, found another number";
  }
  wave::Wave named(wave_.rules());
  std::vector<const v1::ContextKeys*> found;
  for (std::size_t item = 0; item < wave_.size(); ++item) {
    const v1::AmsContexts& ams = answer.items(static_cast<int>(item));
    if (ams.code() != 0) continue;
    if (ams.contexts_size() != 1 || ams.msid() != text(wave_.msid(item)) ||
        ams.contexts(0).bsid().size() != kBsidOctets) {
      return "contexts: expected the AMS's own, found another";
    }
    const v1::KeyContext& context = ams.contexts(0);
    named.append(record_of(wave_, item, context.bsid(), context.cmac_key_count()));
    found.push_back(&context.keys());
  }
  if (named.size() == 0) return {};
  wave::DerivedKeys keys;
  if (Status s = ctl::derive_keys(referee, wanted_, named, &keys); !s.ok()) return s.message();
  for (std::size_t item = 0; item < named.size(); ++item) {
    for (const KeyKind kind : kAllKeyKinds) {
      if (!wanted_.outputs.contains(kind)) continue;
      const bool teks = kind == KeyKind::kTek;
      const std::string key = teks ? teks_of(*found[item]) : key_of(*found[item], kind);
      if (!equal_constant_time(octets(key), teks ? keys.teks(named, item) : keys.key(kind, item))) {
        return std::string(to_string(kind)) + ": expected what OpenSSL derives, found another";
      }
    }
  }
  return {};
}

std::string ContextsGroup::target() const { return std::string(kTargets[steps_ / 2 % 2]); }

std::string ContextsGroup::operation_id() const { return name_ + "-" + std::to_string(steps_); }

}  // namespace rekey::bench::load

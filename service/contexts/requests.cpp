// SPDX-License-Identifier: Apache-2.0
#include "contexts/requests.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "contexts/content_hash.h"
#include "wire/enums.h"
#include "wire/request.h"
#include "wire/wrong.h"

namespace rekey::contexts {
namespace {

using wire::wrong;

constexpr std::size_t kMaxOperationIdOctets = 64;
constexpr Millis kMaxPmkLifetime = 10ULL * 366 * 24 * 3'600 * 1'000;
/// Spans that are longer than any PMK lives are no mistake of unit: they are none.
constexpr Millis kMaxSpan = kMaxPmkLifetime;
constexpr std::uint32_t kOmitPkm = 1U << 1;

/// `octets` copies a field that must have exactly its width.
template <std::size_t N>
Status octets(std::string_view field, const std::string& from, std::array<std::uint8_t, N>* to) {
  if (from.size() != N) {
    return wrong(field, std::to_string(N) + " octets", std::to_string(from.size()));
  }
  std::copy_n(reinterpret_cast<const std::uint8_t*>(from.data()), N, to->begin());
  return {};
}

Status at_most(std::string_view field, std::uint64_t found, std::uint64_t most) {
  if (found <= most) return {};
  return wrong(field, "at most " + std::to_string(most), std::to_string(found));
}

/// The first of some checks that failed.
Status first_wrong(std::initializer_list<Status> checks) {
  for (const Status& check : checks) {
    if (!check.ok()) return check;
  }
  return {};
}

/// The same list, each once.
Status read_saids(const google::protobuf::RepeatedField<std::uint32_t>& from, std::uint32_t largest,
                  std::vector<std::uint16_t>* to) {
  if (Status s = at_most("saids", static_cast<std::uint64_t>(from.size()), kMaxContextSas);
      !s.ok()) {
    return s;
  }
  std::set<std::uint32_t> seen;
  for (const std::uint32_t said : from) {
    if (Status s = at_most("saids", said, largest); !s.ok()) return s;
    if (!seen.insert(said).second) {
      return wrong("saids", "each once", std::to_string(said) + " twice");
    }
    to->push_back(static_cast<std::uint16_t>(said));
  }
  return {};
}

Status read_nonce(std::string_view field, const std::string& from, std::optional<Nonce>* to) {
  return from.empty() ? Status() : octets(field, from, &to->emplace());
}

Status read_authentication(const v1::Authentication& from, NewAuthentication* to) {
  to->ak_sn = static_cast<std::uint8_t>(from.ak_sn());
  to->lifetime = from.pmk_lifetime_ms();
  if (from.pmk().size() != kPmkOctets) {
    return wrong("pmk", std::to_string(kPmkOctets) + " octets", std::to_string(from.pmk().size()));
  }
  std::copy_n(reinterpret_cast<const std::uint8_t*>(from.pmk().data()), kPmkOctets,
              to->pmk.octets().begin());
  if (from.pmk_lifetime_ms() == 0) return wrong("pmk_lifetime_ms", "at least 1", "0");
  return first_wrong({at_most("pmk_lifetime_ms", from.pmk_lifetime_ms(), kMaxPmkLifetime),
                      at_most("ak_sn", from.ak_sn(), kMaxAkSn),
                      read_nonce("nonce_ams", from.nonce_ams(), &to->nonce_ams),
                      read_nonce("nonce_bs", from.nonce_bs(), &to->nonce_bs)});
}

void add(const v1::Authentication& authentication, ContentHash* hash) {
  hash->add(authentication.pmk())
      .add(authentication.pmk_lifetime_ms())
      .add(authentication.nonce_ams())
      .add(authentication.nonce_bs())
      .add(authentication.ak_sn());
}

/// Items are read one by one; the rest is common to all requests.
class Reader {
 public:
  explicit Reader(std::vector<Asked>* out_asked) : asked_(out_asked) {}

  Status begin(int items) {
    asked_->clear();
    if (Status s = at_most("items", static_cast<std::uint64_t>(items), kMaxRequestAmss); !s.ok()) {
      return s;
    }
    asked_->reserve(static_cast<std::size_t>(items));
    return {};
  }

  /// `rpc` keeps the same id for two rpcs apart.
  Status begin(int items, std::string_view rpc, const std::string& operation_id) {
    if (operation_id.empty() || operation_id.size() > kMaxOperationIdOctets) {
      return wrong("operation_id", "1 to " + std::to_string(kMaxOperationIdOctets) + " octets",
                   std::to_string(operation_id.size()));
    }
    rpc_ = rpc;
    if (Status s = ContentHash().add(operation_id).end(&id_); !s.ok()) return s;
    return begin(items);
  }

  /// next reads one item: `read` fills in the request and says what it asks for in a hash.
  template <typename Read>
  void next(const std::string& msid, Read read) {
    Asked& asked = asked_->emplace_back();
    asked.malformed = octets("msid", msid, &asked.msid);
    if (asked.malformed.ok() && !seen_.insert(asked.msid).second) {
      asked.malformed = wrong("msid", "each once in a request", "it twice");
    }
    if (!asked.malformed.ok()) return;
    ContentHash content;
    content.add(rpc_);
    asked.malformed = read(&asked.request, &content);
    asked.operation.id = id_;
    if (asked.malformed.ok()) asked.malformed = content.end(&asked.operation.content);
  }

 private:
  std::vector<Asked>* asked_;
  std::string_view rpc_;
  Digest id_{};
  std::set<Msid> seen_;
};

/// The item's own BSID, or the one for all.
const std::string& own_or_common(const std::string& own, const std::string& common) {
  return own.empty() ? common : own;
}

Status read_registration(const v1::AmsRegistration& item, Establish* to) {
  if (Status s =
          first_wrong({octets("bsid", item.bsid(), &to->bsid),
                       wire::profile_from_wire(item.profile(), wire::kDefaultProfile, &to->profile),
                       wire::options_from_wire(item.options(), &to->options),
                       at_most("tek_lifetime_ms", item.tek_lifetime_ms(), kMaxSpan)});
      !s.ok()) {
    return s;
  }
  if (Status s = check_options(to->profile, to->options); !s.ok()) return s;
  const bool has_teks = derived_keys(to->profile).contains(KeyKind::kTek);
  if (!has_teks && item.saids_size() > 0) {
    return wrong("saids", "none in " + std::string(to_string(to->profile)),
                 std::to_string(item.saids_size()));
  }
  to->tek_lifetime = item.tek_lifetime_ms() == 0 ? kNever : item.tek_lifetime_ms();
  return first_wrong(
      {read_authentication(item.authentication(), &to->authentication),
       read_saids(item.saids(), to->options.said_octets == 1 ? 255 : 65'535, &to->saids)});
}

}  // namespace

Status read_request(const v1::EstablishRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.items_size(), "Establish", request.operation_id()); !s.ok()) {
    return s;
  }
  for (const v1::AmsRegistration& item : request.items()) {
    reader.next(item.msid(), [&](Request* out_request, ContentHash* content) {
      content->add(item.bsid())
          .add(static_cast<std::uint64_t>(item.profile()))
          .add(item.options().nonce_first())
          .add(item.options().said_octets())
          .add(item.options().msid_privacy_off())
          .add(item.tek_lifetime_ms());
      add(item.authentication(), content);
      for (const std::uint32_t said : item.saids()) content->add(said);
      return read_registration(item, &out_request->emplace<Establish>());
    });
  }
  return {};
}

Status read_request(const v1::StartHandoverRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.items_size(), "StartHandover", request.operation_id());
      !s.ok()) {
    return s;
  }
  const v1::Handover& handover = request.handover();
  StartHandover common;
  if (handover.network_reentry_mode() != v1::NETWORK_REENTRY_MODE_BREAK_BEFORE_ENTRY &&
      handover.network_reentry_mode() != v1::NETWORK_REENTRY_MODE_ENTRY_BEFORE_BREAK) {
    return wrong("handover.network_reentry_mode", "0 or 1",
                 std::to_string(handover.network_reentry_mode()));
  }
  if (Status s = first_wrong(
          {at_most("handover.disconnection_time_ms", handover.disconnection_time_ms(), kMaxSpan),
           at_most("handover.resource_retain_time_ms", handover.resource_retain_time_ms(),
                   kMaxSpan)});
      !s.ok()) {
    return s;
  }
  common.omit_pkm = (handover.ho_process_optimization() & kOmitPkm) != 0;
  common.seamless = handover.seamless_handover();
  common.reentry_mode_1 =
      handover.network_reentry_mode() == v1::NETWORK_REENTRY_MODE_ENTRY_BEFORE_BREAK;
  common.disconnection_time = handover.disconnection_time_ms();
  common.resource_retain_time =
      handover.has_resource_retain_time_ms() ? handover.resource_retain_time_ms() : kNever;
  for (const v1::HandoverItem& item : request.items()) {
    reader.next(item.msid(), [&](Request* out_request, ContentHash* content) {
      StartHandover& asked = out_request->emplace<StartHandover>(common);
      const std::string& target = own_or_common(item.target_bsid(), handover.target_bsid());
      content->add(target)
          .add(item.has_cmac_key_count() ? item.cmac_key_count() : UINT64_MAX)
          .add(handover.ho_process_optimization())
          .add(common.seamless)
          .add(common.reentry_mode_1)
          .add(common.disconnection_time)
          .add(common.resource_retain_time);
      if (item.has_cmac_key_count()) asked.count = item.cmac_key_count();
      return first_wrong({octets("target_bsid", target, &asked.target),
                          at_most("cmac_key_count", item.cmac_key_count(), kMaxCmacKeyCount)});
    });
  }
  return {};
}

Status read_request(const v1::CompleteHandoverRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.items_size(), "CompleteHandover", request.operation_id());
      !s.ok()) {
    return s;
  }
  for (const v1::TargetItem& item : request.items()) {
    reader.next(item.msid(), [&](Request* out_request, ContentHash* content) {
      const std::string& target = own_or_common(item.target_bsid(), request.target_bsid());
      content->add(target);
      return octets("target_bsid", target, &out_request->emplace<CompleteHandover>().target);
    });
  }
  return {};
}

Status read_request(const v1::CancelHandoverRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.items_size(), "CancelHandover", request.operation_id());
      !s.ok()) {
    return s;
  }
  for (const v1::TargetItem& item : request.items()) {
    reader.next(item.msid(), [&](Request* out_request, ContentHash* content) {
      CancelHandover& asked = out_request->emplace<CancelHandover>();
      content->add(item.target_bsid());
      if (item.target_bsid().empty()) return Status();
      return octets("target_bsid", item.target_bsid(), &asked.target.emplace());
    });
  }
  return {};
}

Status read_request(const v1::UpdateTekRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.items_size(), "UpdateTek", request.operation_id()); !s.ok()) {
    return s;
  }
  for (const v1::TekItem& item : request.items()) {
    reader.next(item.msid(), [&](Request* out_request, ContentHash* content) {
      for (const std::uint32_t said : item.saids()) content->add(said);
      return read_saids(item.saids(), 65'535, &out_request->emplace<UpdateTek>().saids);
    });
  }
  return {};
}

Status read_request(const v1::ReauthenticateRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.items_size(), "Reauthenticate", request.operation_id());
      !s.ok()) {
    return s;
  }
  for (const v1::ReauthenticateItem& item : request.items()) {
    reader.next(item.msid(), [&](Request* out_request, ContentHash* content) {
      content->add(static_cast<std::uint64_t>(item.step_case())).add(item.bsid());
      if (item.step_case() == v1::ReauthenticateItem::kNewPmk) {
        add(item.new_pmk(), content);
        Reauthenticate& asked = out_request->emplace<Reauthenticate>();
        if (!item.bsid().empty()) {
          if (Status s = octets("bsid", item.bsid(), &asked.bsid.emplace()); !s.ok()) return s;
        }
        return read_authentication(item.new_pmk(), &asked.authentication);
      }
      out_request->emplace<FirstTekUsed>();
      if (!item.first_tek_used()) {
        return wrong("step", "new_pmk, or first_tek_used true", "neither");
      }
      return item.bsid().empty() ? Status() : wrong("bsid", "none beside first_tek_used", "one");
    });
  }
  return {};
}

Status read_request(const v1::GetRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.msids_size()); !s.ok()) return s;
  for (const std::string& msid : request.msids()) {
    reader.next(msid, [&](Request* out_request, ContentHash*) {
      *out_request = Look{request.with_keys()};
      return Status();
    });
  }
  return {};
}

Status read_request(const v1::RemoveRequest& request, std::vector<Asked>* out_asked) {
  Reader reader(out_asked);
  if (Status s = reader.begin(request.msids_size(), "Remove", request.operation_id()); !s.ok()) {
    return s;
  }
  for (const std::string& msid : request.msids()) {
    reader.next(msid, [&](Request* out_request, ContentHash*) {
      out_request->emplace<Remove>();
      return Status();
    });
  }
  return {};
}

}  // namespace rekey::contexts

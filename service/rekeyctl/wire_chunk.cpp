// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/wire_chunk.h"

#include <algorithm>
#include <string>

#include "wire/enums.h"

namespace rekey::ctl {
namespace {

std::string bytes(ConstOctets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Status wrong(std::string_view field, std::uint64_t expected, std::uint64_t found) {
  return {Code::kInternal, "answer: " + std::string(field) + ": expected " +
                               std::to_string(expected) + ", found " + std::to_string(found)};
}

/// Copies octets of the answer into the place they belong.
Status take_octets(std::string_view field, const std::string& found, Octets out_octets) {
  if (found.size() != out_octets.size()) return wrong(field, out_octets.size(), found.size());
  std::copy(found.begin(), found.end(), out_octets.begin());
  return {};
}

const std::string& column_of(const v1::DeriveBatchResponse& response, KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return response.msid_star();
    case KeyKind::kAk:
      return response.ak();
    case KeyKind::kAkid:
      return response.akid();
    case KeyKind::kCmacKeyU:
      return response.cmac_key_u();
    case KeyKind::kCmacKeyD:
      return response.cmac_key_d();
    case KeyKind::kKek:
      return response.kek();
    case KeyKind::kTek:
      break;
  }
  return response.teks();
}

const std::string& key_of(const v1::AmsKeys& row, KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return row.msid_star();
    case KeyKind::kAk:
      return row.ak();
    case KeyKind::kAkid:
      return row.akid();
    case KeyKind::kCmacKeyU:
      return row.cmac_key_u();
    case KeyKind::kCmacKeyD:
      return row.cmac_key_d();
    case KeyKind::kKek:
    case KeyKind::kTek:
      break;
  }
  return row.kek();
}

/// Columns carry no message: what there is to say is in the code.
std::string message_of(int code) {
  return "refused by the server with code " + std::to_string(code);
}

/// Takes the keys of one AMS that did not fail.
Status take_row(const v1::AmsKeys& row, std::size_t item, Chunk* chunk) {
  const wave::Wave& wave = chunk->wave;
  wave::DerivedKeys& keys = chunk->keys;
  for (const KeyKind kind : kAllKeyKinds) {
    if (kind == KeyKind::kTek || !keys.outputs().contains(kind)) continue;
    const Octets place = keys.column(kind).subspan(item * key_octets(kind), key_octets(kind));
    if (Status s = take_octets(to_string(kind), key_of(row, kind), place); !s.ok()) return s;
  }
  if (!keys.outputs().contains(KeyKind::kTek)) return {};
  const std::size_t counters = keys.tek_counters().size();
  const std::size_t teks = wave.sa_count(item) * counters;
  if (static_cast<std::size_t>(row.teks_size()) != teks) {
    return wrong("teks", teks, static_cast<std::size_t>(row.teks_size()));
  }
  const std::size_t first_tek = wave.first_sa(item) * counters;
  for (std::size_t i = 0; i < teks; ++i) {
    const v1::Tek& tek = row.teks(static_cast<int>(i));
    const std::uint32_t said = wave.said(item, static_cast<std::uint32_t>(i / counters));
    const std::uint32_t counter = keys.tek_counters()[i % counters];
    if (tek.said() != said) return wrong("teks.said", said, tek.said());
    if (tek.counter() != counter) return wrong("teks.counter", counter, tek.counter());
    if (tek.eks() != counter % 4) return wrong("teks.eks", counter % 4, tek.eks());
    const Octets place =
        keys.column(KeyKind::kTek).subspan((first_tek + i) * kTekOctets, kTekOctets);
    if (Status s = take_octets("teks.key", tek.key(), place); !s.ok()) return s;
  }
  return {};
}

Status check_profile(v1::Profile found, const wave::Wave& wave) {
  const v1::Profile expected = wire::profile_to_wire(wave.rules().profile);
  return found == expected ? Status{} : wrong("profile", expected, found);
}

std::string state_from_wire(v1::EngineState state) {
  switch (state) {
    case v1::ENGINE_STATE_SERVING:
      return "serving";
    case v1::ENGINE_STATE_UNAVAILABLE:
      return "unavailable";
    case v1::ENGINE_STATE_REFUSED:
      return "refused";
    default:
      return "unknown";
  }
}

std::string kind_name(int wire_kind) {
  KeyKind kind{};
  const bool known = wire::key_kind_from_wire(static_cast<v1::KeyKind>(wire_kind), &kind).ok();
  return known ? std::string(to_string(kind)) : "unknown";
}

}  // namespace

void fill_request(const wave::Wave& wave, const Wanted& wanted,
                  v1::DeriveBatchRequest* out_request) {
  const BatchInput input = wave.input(0, static_cast<std::uint32_t>(wave.size()));
  out_request->set_profile(wire::profile_to_wire(input.profile));
  *out_request->mutable_options() = wire::options_to_wire(input.options);
  out_request->set_count(input.count);
  out_request->set_pmk(input.pmk.data(), input.pmk.size());
  out_request->set_msid(bytes(input.msid));
  out_request->set_bsid(bytes(input.bsid));
  out_request->set_nonce(bytes(input.nonce));
  out_request->set_cmac_key_count(bytes(input.cmac_key_count));
  out_request->set_ak_sn(bytes(input.ak_sn));
  out_request->set_sa_counts(bytes(input.sa_counts));
  out_request->set_saids(bytes(input.saids));
  out_request->mutable_tek_counters()->Assign(wanted.tek_counters.begin(),
                                              wanted.tek_counters.end());
  for (const KeyKind kind : kAllKeyKinds) {
    if (wanted.outputs.contains(kind)) out_request->add_outputs(wire::key_kind_to_wire(kind));
  }
}

void fill_request(const wave::Wave& wave, const Wanted& wanted, v1::DeriveRequest* out_request) {
  const auto items = static_cast<std::uint32_t>(wave.size());
  const BatchInput input = wave.input(0, items);
  out_request->set_profile(wire::profile_to_wire(input.profile));
  *out_request->mutable_options() = wire::options_to_wire(input.options);
  out_request->mutable_tek_counters()->Assign(wanted.tek_counters.begin(),
                                              wanted.tek_counters.end());
  for (std::uint32_t item = 0; item < items; ++item) {
    const BatchInput ams = wave.input(item, 1);
    v1::AmsInput& row = *out_request->add_items();
    row.set_pmk(ams.pmk.data(), ams.pmk.size());
    row.set_msid(bytes(ams.msid));
    row.set_bsid(bytes(ams.bsid));
    row.set_nonce(bytes(ams.nonce));
    row.set_cmac_key_count(static_cast<std::uint32_t>(ams.cmac_key_count[0]) << 8 |
                           ams.cmac_key_count[1]);
    row.set_ak_sn(ams.ak_sn[0]);
    for (std::uint32_t sa = 0; sa < wave.sa_count(item); ++sa) row.add_saids(wave.said(item, sa));
    row.set_reference(std::string(wave.reference(item)));
  }
}

Status take_response(const v1::DeriveBatchResponse& response, const Wanted& wanted, Chunk* chunk) {
  const wave::Wave& wave = chunk->wave;
  chunk->keys.allocate(wave, wanted.outputs, wanted.tek_counters);
  chunk->engine = response.served().engine();
  if (Status s = check_profile(response.profile(), wave); !s.ok()) return s;
  if (response.count() != wave.size()) return wrong("count", wave.size(), response.count());
  if (response.codes().size() != wave.size()) {
    return wrong("codes", wave.size(), response.codes().size());
  }
  for (const KeyKind kind : kAllKeyKinds) {
    Status s = take_octets(to_string(kind), column_of(response, kind), chunk->keys.column(kind));
    if (!s.ok()) return s;
  }
  for (std::size_t item = 0; item < wave.size(); ++item) {
    const int code = static_cast<unsigned char>(response.codes()[item]);
    if (code != 0) chunk->keys.set_failed(item, code, message_of(code));
  }
  return {};
}

Status take_response(const v1::DeriveResponse& response, const Wanted& wanted, Chunk* chunk) {
  const wave::Wave& wave = chunk->wave;
  chunk->keys.allocate(wave, wanted.outputs, wanted.tek_counters);
  chunk->engine = response.served().engine();
  if (Status s = check_profile(response.profile(), wave); !s.ok()) return s;
  if (static_cast<std::size_t>(response.items_size()) != wave.size()) {
    return wrong("items", wave.size(), static_cast<std::size_t>(response.items_size()));
  }
  for (std::size_t item = 0; item < wave.size(); ++item) {
    const v1::AmsKeys& row = response.items(static_cast<int>(item));
    if (row.reference() != wave.reference(item)) {
      return {Code::kInternal, "answer: reference: expected that of the request, found another"};
    }
    if (row.code() != 0) {
      chunk->keys.set_failed(item, row.code(), row.message());
    } else if (Status s = take_row(row, item, chunk); !s.ok()) {
      return s;
    }
  }
  return {};
}

Capabilities capabilities_from_wire(const v1::GetCapabilitiesResponse& response) {
  Capabilities capabilities;
  capabilities.version = response.version();
  for (const v1::ProfileInfo& info : response.profiles()) {
    Capabilities::Profile& profile = capabilities.profiles.emplace_back();
    profile.name = info.name();
    profile.published_answers = info.published_answers();
    for (const int kind : info.yields()) profile.yields.push_back(kind_name(kind));
    if (info.profile() == response.default_profile()) capabilities.default_profile = info.name();
  }
  for (const v1::EngineInfo& info : response.engines()) {
    capabilities.engines.push_back({info.name(), info.description(), state_from_wire(info.state()),
                                    info.reason(), info.preferred()});
  }
  capabilities.batch_items_max = response.limits().batch_items();
  capabilities.tek_counters_max = response.limits().tek_counters();
  capabilities.message_octets_max = response.limits().message_octets();
  return capabilities;
}

}  // namespace rekey::ctl

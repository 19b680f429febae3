// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/test_vectors.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "rekey/batch.h"
#include "rekey/engines.h"
#include "rekey/trace.h"
#include "rekeyctl/local_engine.h"
#include "rekeyctl/profile_flags.h"
#include "wave/hex.h"
#include "wave/record_fields.h"
#include "wave/scenario.h"

namespace rekey::ctl {
namespace {

using Json = nlohmann::ordered_json;
using wave::AmsRecord;
using wave::Field;
using wave::Rules;

/// One input and where it comes from.
struct Case {
  std::string name;
  std::string origin;
  AmsRecord ams;
};

std::string hex(ConstOctets octets) {
  wave::SecretText text;
  wave::append_hex(octets, &text);
  return std::string(text);
}

struct KnownInput {
  const char* pmk;
  const char* msid;
  const char* bsid;
};

constexpr KnownInput kFirst = {"F43CE2CCB56BF2F1862C2AAC724C20DB437D62AD", "00ED04A5105B",
                               "0000BB020003"};
constexpr KnownInput kSecond = {"EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94", "001B11C9D50C",
                                "000000000005"};

Status make_known_case(const Rules& rules, const KnownInput& input, std::string name,
                       std::vector<Case>* out_cases) {
  Case& known = out_cases->emplace_back();
  known.name = std::move(name);
  const bool published = rules.profile == Profile::kLegacy16e;
  known.origin =
      published ? "inputs of a published known answer" : "inputs of a known answer of our reading";
  const char* nonce = "";
  if (rules.takes_nonce()) {
    nonce = rules.profile == Profile::k16mDraft ? "0102030405060708" : "1112131415161718";
  }
  const char* number = published ? "0" : "1";
  const std::pair<Field, const char*> fields[] = {
      {Field::kPmk, input.pmk},
      {Field::kMsid, input.msid},
      {Field::kBsid, input.bsid},
      {Field::kNonce, nonce},
      {Field::kCmacKeyCount, number},
      {Field::kAkSn, number},
      {Field::kSaids, rules.has_teks() ? "1" : ""},
  };
  for (const auto& [field, text] : fields) {
    if (Status s = set_field_from_text(rules, field, text, &known.ams); !s.ok()) return s;
  }
  return {};
}

Status make_cases(const Rules& rules, std::uint64_t count, std::uint64_t seed,
                  std::vector<Case>* out_cases) {
  if (rules.profile == Profile::kLegacy16e) {
    Status s = make_known_case(rules, kFirst, "known/1", out_cases);
    if (!s.ok()) return s;
  }
  if (Status s = make_known_case(rules, kSecond, "known/2", out_cases); !s.ok()) return s;
  wave::WaveGenerator generator(wave::Scenario::kUniform, seed, rules);
  for (std::uint64_t i = 1; i <= count; ++i) {
    out_cases->push_back({"seed/" + std::to_string(seed) + "/" + std::to_string(i),
                          "synthetic inputs", generator.next()});
  }
  return {};
}

Json inputs_of(const Rules& rules, const AmsRecord& ams, const Wanted& wanted) {
  Json inputs = {{"pmk", hex(ams.pmk.octets())}, {"msid", hex(ams.msid)}, {"bsid", hex(ams.bsid)}};
  if (rules.takes_nonce()) inputs["nonce"] = hex(ams.nonce);
  inputs["cmac_key_count"] = ams.cmac_key_count;
  inputs["ak_sn"] = ams.ak_sn;
  if (rules.has_teks()) {
    inputs["saids"] = ams.saids;
    inputs["tek_counters"] = wanted.tek_counters;
  }
  return inputs;
}

/// `wave` holds one AMS, here and in keys_of().
Status steps_of(const wave::Wave& wave, Json* out_steps) {
  CheckedBatch batch;
  if (Status s = check_batch(wave.input(0, 1), &batch); !s.ok()) return s;
  std::vector<TraceStep> steps;
  if (Status s = trace_derivation(batch, 0, &steps); !s.ok()) return s;
  *out_steps = Json::array();
  for (const TraceStep& step : steps) {
    out_steps->push_back({{"result", step.result_name},
                          {"function", step.function},
                          {"key", step.key_name},
                          {"kin", hex(step.kin.octets())},
                          {"message", hex(step.message.octets())},
                          {"bits", step.bits},
                          {"output", hex(step.result.octets())}});
  }
  return {};
}

Json keys_of(const wave::Wave& wave, const wave::DerivedKeys& keys) {
  constexpr std::size_t kOnly = 0;
  Json json = Json::object();
  for (const KeyKind kind : kAllKeyKinds) {
    if (!keys.outputs().contains(kind)) continue;
    const std::string name(to_string(kind));
    if (kind != KeyKind::kTek) {
      json[name] = hex(keys.key(kind, kOnly));
      continue;
    }
    json[name] = Json::array();
    ConstOctets teks = keys.teks(wave, kOnly);
    for (std::uint32_t sa = 0; sa < wave.sa_count(kOnly); ++sa) {
      for (const std::uint16_t counter : keys.tek_counters()) {
        json[name].push_back({{"said", wave.said(kOnly, sa)},
                              {"counter", counter},
                              {"eks", counter % 4},
                              {"key", hex(teks.first(kTekOctets))}});
        teks = teks.subspan(kTekOctets);
      }
    }
  }
  return json;
}

Json head_of(const Rules& rules, std::uint64_t seed) {
  const bool published = rules.profile == Profile::kLegacy16e;
  return {
      {"format", "rekey-test-vectors"},
      {"version", 1},
      {"generator", "rekeyctl " REKEY_VERSION},
      {"profile", to_string(rules.profile)},
      {"options",
       {{"nonce_first", rules.options.nonce_first},
        {"said_octets", rules.options.said_octets},
        {"msid_privacy_off", rules.options.msid_privacy_off}}},
      {"standing", std::string(profile_standing(rules.profile)) +
                       (published ? "" : ": these are not conformance vectors")},
      {"seed", seed},
      {"notation",
       "octets are hex digits; integers inside them are big-endian; Dot16KDF(key, "
       "astring, bits) runs AES-128-CMAC under kin, the rightmost 16 octets of key, "
       "over BE32(i) | message | BE32(bits) for i = 0, 1, ... and keeps the rightmost "
       "bits; AES-128-ECB encrypts message under kin"},
      {"secrets", "none: every PMK here is published or made from the seed"},
  };
}

}  // namespace

Status make_test_vectors(const Rules& rules, std::uint64_t cases, std::uint64_t seed,
                         std::string* out_json) {
  std::vector<Case> inputs;
  if (Status s = make_cases(rules, cases, seed, &inputs); !s.ok()) return s;
  const std::unique_ptr<Engine> referee = make_openssl_engine();
  if (Status s = admit(*referee); !s.ok()) return s;
  Wanted wanted{derived_keys(rules.profile), {}};
  if (rules.has_teks()) wanted.tek_counters = {0, 1};

  Json document = head_of(rules, seed);
  document["cases"] = Json::array();
  for (const Case& input : inputs) {
    wave::Wave wave(rules);
    wave.append(input.ams);
    wave::DerivedKeys keys;
    if (Status s = derive_keys(*referee, wanted, wave, &keys); !s.ok()) return s;
    Json steps;
    if (Status s = steps_of(wave, &steps); !s.ok()) return s;
    document["cases"].push_back({{"name", input.name},
                                 {"origin", input.origin},
                                 {"inputs", inputs_of(rules, input.ams, wanted)},
                                 {"steps", std::move(steps)},
                                 {"keys", keys_of(wave, keys)}});
  }
  *out_json = document.dump(2) + "\n";
  return {};
}

}  // namespace rekey::ctl

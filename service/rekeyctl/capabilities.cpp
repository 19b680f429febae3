// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/capabilities.h"

#include <memory>

#include "rekey/engines.h"
#include "rekey/known_answers.h"
#include "rekey/octets.h"
#include "rekey/profile.h"

namespace rekey::ctl {
namespace {

std::string engine_state(const Status& admission) {
  if (admission.ok()) return "serving";
  return admission.code() == Code::kUnavailable ? "unavailable" : "refused";
}

}  // namespace

Capabilities local_capabilities() {
  Capabilities capabilities;
  capabilities.version = REKEY_VERSION;
  capabilities.default_profile = to_string(rekey::Profile::k16mDraft);
  for (const rekey::Profile profile : kAllProfiles) {
    Capabilities::Profile& info = capabilities.profiles.emplace_back();
    info.name = to_string(profile);
    info.published_answers = profile == rekey::Profile::kLegacy16e;
    for (const KeyKind kind : kAllKeyKinds) {
      if (derived_keys(profile).contains(kind)) info.yields.emplace_back(to_string(kind));
    }
  }
  bool one_serves = false;
  for (const auto& engine : make_engines()) {
    const Status admission = admit(*engine);
    capabilities.engines.push_back({std::string(engine->name()), engine->description(),
                                    engine_state(admission), admission.message(),
                                    admission.ok() && !one_serves});
    one_serves |= admission.ok();
  }
  capabilities.batch_items_max = kMaxBatchItems;
  capabilities.tek_counters_max = kMaxTekCounters;
  return capabilities;
}

std::vector<SelfTestResult> local_self_test() {
  std::vector<SelfTestResult> results;
  const std::unique_ptr<Engine> referee = make_openssl_engine();
  for (const auto& engine : make_engines()) {
    if (!engine->unavailable_reason().empty()) continue;
    // `openssl` is two engines that verify each other's work.
    for (const KnownAnswerResult& answer : engine->name() == referee->name()
                                               ? run_known_answers(*engine, *referee)
                                               : run_known_answers(*engine)) {
      results.push_back({std::string(engine->name()), answer.name, answer.origin,
                         answer.status.ok(), answer.status.message()});
    }
  }
  return results;
}

}  // namespace rekey::ctl

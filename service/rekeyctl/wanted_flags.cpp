// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/wanted_flags.h"

#include <string_view>

#include "rekey/batch.h"

namespace rekey::ctl {
namespace {

Status parse_outputs(std::string_view list, KeySet* out_outputs) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    const std::optional<KeyKind> kind = key_kind_from_string(list.substr(0, end));
    if (!kind) {
      return Status::invalid_argument(
          "--outputs: expected msid_star, ak, akid, cmac_key_u, cmac_key_d, kek or teks, found " +
          std::string(list.substr(0, end)));
    }
    out_outputs->insert(*kind);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return {};
}

}  // namespace

void WantedFlags::add_to(CLI::App& command) {
  command
      .add_option("--tek-counter", tek_counters,
                  "A COUNTER_TEK to derive TEKs for; may be repeated; 0 and 1 if not given")
      ->allow_extra_args(false);
  command.add_option("--outputs", outputs,
                     "Keys to derive, separated by commas: msid_star, ak, akid, cmac_key_u, "
                     "cmac_key_d, kek, teks; all of the profile if not given");
}

Status WantedFlags::resolve(const wave::Rules& rules, Wanted* out_wanted) const {
  Wanted wanted;
  if (Status s = parse_outputs(outputs, &wanted.outputs); !s.ok()) return s;
  for (const std::uint64_t counter : tek_counters) {
    if (counter > kMaxTekCounter) {
      return Status::invalid_argument("--tek-counter: expected 0 to " +
                                      std::to_string(kMaxTekCounter) + ", found " +
                                      std::to_string(counter));
    }
    wanted.tek_counters.push_back(static_cast<std::uint16_t>(counter));
  }
  BatchInput no_ams;
  no_ams.profile = rules.profile;
  no_ams.options = rules.options;
  no_ams.outputs = wanted.outputs;
  no_ams.tek_counters = wanted.tek_counters;
  CheckedBatch checked;
  if (Status s = check_batch(no_ams, &checked); !s.ok()) return s;

  if (wanted.outputs.empty()) wanted.outputs = derived_keys(rules.profile);
  if (wanted.tek_counters.empty() && rules.has_teks()) wanted.tek_counters = {0, 1};
  *out_wanted = std::move(wanted);
  return {};
}

}  // namespace rekey::ctl

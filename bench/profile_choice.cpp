// SPDX-License-Identifier: Apache-2.0
#include "profile_choice.h"

#include <algorithm>
#include <iterator>

namespace rekey::bench {

void ProfileChoice::add_to(CLI::App* command) {
  std::vector<std::string> all;
  std::ranges::transform(kAllProfiles, std::back_inserter(all),
                         [](Profile profile) { return std::string(to_string(profile)); });
  command->add_option("--profile", names_, "Profiles to measure; all of them unless given")
      ->check(CLI::IsMember(all));
}

std::vector<Profile> ProfileChoice::profiles() const {
  if (names_.empty()) return {kAllProfiles.begin(), kAllProfiles.end()};
  std::vector<Profile> profiles;
  std::ranges::transform(names_, std::back_inserter(profiles), [](const std::string& name) {
    return profile_from_string(name).value();  // the parser has checked it
  });
  return profiles;
}

}  // namespace rekey::bench

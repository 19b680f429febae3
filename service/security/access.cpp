// SPDX-License-Identifier: Apache-2.0
#include "security/access.h"

#include <algorithm>

namespace rekey::security {
namespace {

struct Rule {
  std::string_view rpc_prefix;
  std::span<const Role> one_of;  ///< empty: no role is needed
};

constexpr Role kDerive[] = {Role::kDerive};
constexpr Role kContexts[] = {Role::kContexts};
constexpr Role kOperate[] = {Role::kOperate};

// The first that fits. What no line names takes the role operate.
constexpr Rule kRules[] = {
    {"/grpc.health.v1.Health/", {}},
    {"/grpc.reflection.", kAllRoles},
    {"/rekey.v1.Admin/GetCapabilities", kAllRoles},
    {"/rekey.v1.KeyDerivation/", kDerive},
    {"/rekey.v1.KeyContexts/", kContexts},
    {"/", kOperate},
};

const Rule& rule_for(std::string_view rpc) {
  const auto* rule = std::ranges::find_if(
      kRules, [rpc](const Rule& candidate) { return rpc.starts_with(candidate.rpc_prefix); });
  return rule == std::end(kRules) ? kRules[std::size(kRules) - 1] : *rule;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kDerive:
      return "derive";
    case Role::kContexts:
      return "contexts";
    case Role::kOperate:
      return "operate";
  }
  return "unknown";
}

Access::Access(const RoleNames& names) { replace(names); }

void Access::replace(const RoleNames& names) {
  auto sets = std::make_shared<NameSets>();
  for (std::size_t role = 0; role < names.size(); ++role) {
    (*sets)[role].insert(names[role].begin(), names[role].end());
  }
  const std::lock_guard lock(mutex_);
  names_ = std::move(sets);
}

std::string Access::refusal(std::string_view rpc, std::span<const std::string_view> names) const {
  const Rule& rule = rule_for(rpc);
  if (rule.one_of.empty()) return {};
  std::shared_ptr<const NameSets> sets;
  {
    const std::lock_guard lock(mutex_);
    sets = names_;
  }
  std::string wanted;
  for (const Role role : rule.one_of) {
    const auto& with_role = (*sets)[static_cast<std::size_t>(role)];
    for (const std::string_view name : names) {
      if (with_role.contains(std::string(name))) return {};
    }
    wanted.append(wanted.empty() ? "" : " or ").append(to_string(role));
  }
  const std::string who = names.empty() ? "a certificate without a name" : std::string(names[0]);
  return who + " may not call " + std::string(rpc) + ": that takes the role " + wanted;
}

}  // namespace rekey::security

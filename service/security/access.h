// SPDX-License-Identifier: Apache-2.0
//
// Who may call what: roles, and the names in certificates that have them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace rekey::security {

/// Role is what a caller is allowed.
enum class Role : std::uint8_t {
  kDerive,    ///< service KeyDerivation
  kContexts,  ///< service KeyContexts
  kOperate,   ///< service Admin, and whatever else a server may have
};

inline constexpr std::array kAllRoles = {Role::kDerive, Role::kContexts, Role::kOperate};

std::string_view to_string(Role role);

/// RoleNames lists, for each role, the certificate names that have it.
using RoleNames = std::array<std::vector<std::string>, kAllRoles.size()>;

/// names_with is the list of one role.
inline std::vector<std::string>& names_with(Role role, RoleNames* names) {
  return (*names)[static_cast<std::size_t>(role)];
}

/// Access decides for each call. A caller has the roles of all names of its certificate: the common
/// name and every subject alternative name, each compared as a whole. Health may be asked by
/// everyone who has a certificate, and Admin.GetCapabilities and reflection by everyone who has a
/// role. Thread-safe.
class Access {
 public:
  explicit Access(const RoleNames& names);

  /// replace holds for every call that begins from now on, also on connections that are open.
  void replace(const RoleNames& names);

  /// refusal says why a caller with these certificate names may not call `rpc`, as in
  /// `/rekey.v1.Admin/Drain`; empty when it may.
  [[nodiscard]] std::string refusal(std::string_view rpc,
                                    std::span<const std::string_view> names) const;

 private:
  using NameSets = std::array<std::unordered_set<std::string>, kAllRoles.size()>;

  mutable std::mutex mutex_;
  std::shared_ptr<const NameSets> names_;
};

}  // namespace rekey::security

// SPDX-License-Identifier: Apache-2.0
//
// Every hierarchy there is: one compiled layout for each profile and each choice of its options,
// and the dispatch from a run-time choice to the layout known at build time.
#pragma once

#include "profile/layout.h"
#include "rekey/profile.h"

namespace rekey::profile {

/// Variant is a profile with its options, as a template argument.
struct Variant {
  Profile profile;
  bool nonce_first;
  std::uint8_t said_octets;
  bool msid_privacy_off;

  [[nodiscard]] constexpr ProfileOptions options() const {
    return {nonce_first, said_octets, msid_privacy_off};
  }
};

/// kLayout is the compiled hierarchy of a variant.
template <Variant V>
inline constexpr HierarchyLayout kLayout = compile(describe(V.profile, V.options()), V.options());

/// with_variant calls `function.template operator()<V>()` for the variant that `profile` and
/// `options` name and returns its result. The options have passed check_options().
template <typename Function>
constexpr decltype(auto) with_variant(Profile profile, const ProfileOptions& options,
                                      Function&& function) {
  const bool wide_said = options.said_octets == 2;
  switch (profile) {
    case Profile::k16mDraft:
      if (options.nonce_first) {
        return wide_said
                   ? function.template operator()<Variant{Profile::k16mDraft, true, 2, false}>()
                   : function.template operator()<Variant{Profile::k16mDraft, true, 1, false}>();
      }
      return wide_said
                 ? function.template operator()<Variant{Profile::k16mDraft, false, 2, false}>()
                 : function.template operator()<Variant{Profile::k16mDraft, false, 1, false}>();
    case Profile::k16mPublished:
      if (options.msid_privacy_off) {
        return wide_said
                   ? function.template operator()<Variant{Profile::k16mPublished, false, 2, true}>()
                   : function
                         .template operator()<Variant{Profile::k16mPublished, false, 1, true}>();
      }
      return wide_said
                 ? function.template operator()<Variant{Profile::k16mPublished, false, 2, false}>()
                 : function.template operator()<Variant{Profile::k16mPublished, false, 1, false}>();
    case Profile::kLegacy16e:
      break;
  }
  return function.template operator()<Variant{Profile::kLegacy16e, false, 1, false}>();
}

}  // namespace rekey::profile

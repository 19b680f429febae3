// SPDX-License-Identifier: Apache-2.0
#include "contexts/due.h"

#include "contexts/held.h"

namespace rekey::contexts {

Due first_due(const Ams& ams) {
  Due due;
  const auto consider = [&due](Millis at, Event event) {
    if (at < due.at || (at == due.at && at != kNever && event < due.event)) due = {at, event};
  };
  if (ams.state == AmsState::kAbsent) {
    consider(ams.forget_at, Event::kForgetTime);
    return due;
  }
  consider(ams.authentication.ends, Event::kPmkLifetime);
  consider(ams.authentication.warning_at, Event::kPmkWarning);
  if (ams.old) consider(ams.old->authentication.ends, Event::kOldLifetime);
  if (ams.state == AmsState::kPreparing) consider(ams.disconnect_at, Event::kDisconnectionTime);
  if (ams.state == AmsState::kSwitching) consider(ams.retain_until, Event::kResourceRetainTime);
  for_each_context(ams, [&](Role, const KeyContext& context) {
    for (const SecurityAssociation& sa : context.sas) {
      for (const Millis ends : sa.ends) {
        if (ends != 0) consider(ends, Event::kTekLifetime);
      }
    }
  });
  return due;
}

}  // namespace rekey::contexts

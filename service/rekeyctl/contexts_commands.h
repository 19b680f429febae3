// SPDX-License-Identifier: Apache-2.0
//
// The commands under `rekeyctl contexts`.
#pragma once

#include "rekeyctl/commands.h"

namespace rekey::ctl {

Command add_establish_command(CLI::App& contexts);
Command add_reauthenticate_command(CLI::App& contexts);
Command add_handover_command(CLI::App& contexts);
Command add_complete_command(CLI::App& contexts);
Command add_cancel_command(CLI::App& contexts);
Command add_update_tek_command(CLI::App& contexts);
Command add_get_command(CLI::App& contexts);
Command add_remove_command(CLI::App& contexts);
Command add_watch_command(CLI::App& contexts);

}  // namespace rekey::ctl

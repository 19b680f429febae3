// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <vector>

#include "rekeyctl/contexts_commands.h"

namespace rekey::ctl {

Command add_contexts_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand(
      "contexts", "Register AMSs with a server and hand them over by name (KeyContexts)");
  command->require_subcommand(1);
  const std::vector<Command> commands = {
      add_establish_command(*command),  add_handover_command(*command),
      add_complete_command(*command),   add_cancel_command(*command),
      add_update_tek_command(*command), add_reauthenticate_command(*command),
      add_get_command(*command),        add_remove_command(*command),
      add_watch_command(*command),
  };
  command->footer(
      "Example:\n"
      "  rekeyctl wave --count 100 --out wave.csv\n"
      "  rekeyctl contexts establish --in wave.csv --pmk-lifetime 86400\n"
      "  cut -d, -f3 wave.csv | tail -n +2 > msids.txt\n"
      "  rekeyctl contexts handover --msids-in msids.txt --target 000000000006 --keys-out "
      "keys.jsonl\n"
      "  rekeyctl contexts complete --msids-in msids.txt --target 000000000006");
  return {command, [commands] {
            for (const Command& each : commands) {
              if (each.flags->parsed()) return each.run();
            }
            return kExitUsage;
          }};
}

}  // namespace rekey::ctl

// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "rekeyctl/capabilities.h"
#include "rekeyctl/client.h"
#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"
#include "rekeyctl/grouped.h"
#include "rekeyctl/server_flags.h"

namespace rekey::ctl {
namespace {

struct CapabilitiesFlags {
  ServerFlags server;
  bool json = false;
};

std::string padded(const std::string& text, int width) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%-*s", width, text.c_str());
  return buffer;
}

std::string to_table(const Capabilities& capabilities) {
  std::string table = "version " + capabilities.version + "\n\nprofiles\n";
  for (const Capabilities::Profile& profile : capabilities.profiles) {
    std::string yields;
    for (const std::string& kind : profile.yields) yields += " " + kind;
    table += "  " + padded(profile.name, 15) +
             (profile.published_answers ? "checked against published known answers"
                                        : "our reading of its source, not checked against the "
                                          "standard") +
             (profile.name == capabilities.default_profile ? "; the default" : "") + "\n" +
             std::string(17, ' ') + "yields" + yields + "\n";
  }
  table += "\nengines\n";
  for (const Capabilities::Engine& engine : capabilities.engines) {
    table += "  " + padded(engine.name, 15) + padded(engine.state, 13) + engine.description +
             (engine.preferred ? "; preferred" : "") + "\n";
    if (!engine.reason.empty()) table += std::string(17, ' ') + engine.reason + "\n";
  }
  table += "\nlimits\n  AMSs in one request        " + grouped(capabilities.batch_items_max) +
           "\n  TEK counters of a request  " + grouped(capabilities.tek_counters_max) + "\n";
  if (capabilities.message_octets_max > 0) {
    table += "  octets of a request        " + grouped(capabilities.message_octets_max) + "\n";
  }
  return table;
}

std::string to_json(const Capabilities& capabilities) {
  nlohmann::ordered_json json = {{"version", capabilities.version},
                                 {"default_profile", capabilities.default_profile}};
  for (const Capabilities::Profile& profile : capabilities.profiles) {
    json["profiles"].push_back({{"name", profile.name},
                                {"yields", profile.yields},
                                {"published_answers", profile.published_answers}});
  }
  for (const Capabilities::Engine& engine : capabilities.engines) {
    json["engines"].push_back({{"name", engine.name},
                               {"description", engine.description},
                               {"state", engine.state},
                               {"reason", engine.reason},
                               {"preferred", engine.preferred}});
  }
  json["limits"] = {{"batch_items", capabilities.batch_items_max},
                    {"tek_counters", capabilities.tek_counters_max},
                    {"message_octets", capabilities.message_octets_max}};
  return json.dump(2) + "\n";
}

ExitCode run_capabilities(const CapabilitiesFlags& flags) {
  if (Status s = flags.server.check(); !s.ok()) return fail(kExitUsage, s.message());
  Capabilities capabilities;
  if (flags.server.local) {
    capabilities = local_capabilities();
  } else {
    std::unique_ptr<Client> client;
    if (Status s = Client::open(flags.server, &client); !s.ok())
      return fail(kExitFailure, s.message());
    if (Status s = client->capabilities(&capabilities); !s.ok()) return fail_call(s);
  }
  return print(flags.json ? to_json(capabilities) : to_table(capabilities));
}

}  // namespace

Command add_capabilities_command(CLI::App& program) {
  const auto flags = std::make_shared<CapabilitiesFlags>();
  CLI::App* command = program.add_subcommand(
      "capabilities", "Show the profiles, engines and limits of a server or of this process");
  flags->server.add_to_with_local(*command);
  command->add_flag("--json", flags->json, "Print JSON instead of a table");
  command->footer("Example:\n  rekeyctl capabilities --local --json");
  return {command, [flags] { return run_capabilities(*flags); }};
}

}  // namespace rekey::ctl

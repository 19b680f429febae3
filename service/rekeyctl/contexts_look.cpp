// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <string>

#include "rekeyctl/console.h"
#include "rekeyctl/contexts_commands.h"
#include "rekeyctl/contexts_output.h"
#include "rekeyctl/contexts_run.h"

namespace rekey::ctl {
namespace {

struct MsidsFlags {
  ContextsFlags contexts;
  MsidFlags msids;

  void add_to(CLI::App& command) {
    contexts.add_to(command);
    msids.add_to(command);
  }
};

struct UpdateTekFlags : MsidsFlags {
  std::vector<std::uint32_t> saids;
};

struct WatchFlags {
  ContextsFlags contexts;
  std::uint64_t after = 0;
  std::uint64_t count = 0;
  CLI::Option* resumes = nullptr;
};

template <typename Request, typename Fill>
ExitCode run_on_msids(const MsidsFlags& flags, const Fill& fill) {
  std::vector<std::string> msids;
  if (Status s = flags.msids.resolve(&msids); !s.ok()) return fail(kExitUsage, s.message());
  ContextsRun run(flags.contexts);
  return run.for_all<Request>(
      msids, [&](const auto& some, Request* request) { fill(run, some, request); });
}

ExitCode get(const MsidsFlags& flags) {
  return run_on_msids<v1::GetRequest>(
      flags, [&](const ContextsRun&, const auto& some, v1::GetRequest* request) {
        request->set_with_keys(!flags.contexts.keys_out.empty());
        request->mutable_msids()->Assign(some.begin(), some.end());
      });
}

ExitCode remove(const MsidsFlags& flags) {
  return run_on_msids<v1::RemoveRequest>(
      flags, [](const ContextsRun& run, const auto& some, v1::RemoveRequest* request) {
        request->set_operation_id(run.operation_id());
        request->mutable_msids()->Assign(some.begin(), some.end());
      });
}

ExitCode update_tek(const UpdateTekFlags& flags) {
  return run_on_msids<v1::UpdateTekRequest>(
      flags, [&](const ContextsRun& run, const auto& some, v1::UpdateTekRequest* request) {
        request->set_operation_id(run.operation_id());
        for (const std::string& msid : some) {
          v1::TekItem* item = request->add_items();
          item->set_msid(msid);
          item->mutable_saids()->Assign(flags.saids.begin(), flags.saids.end());
        }
      });
}

ExitCode watch(const WatchFlags& flags) {
  if (Status s = flags.contexts.server.check(); !s.ok()) return fail(kExitUsage, s.message());
  std::unique_ptr<ContextsClient> client;
  if (Status s = ContextsClient::open(flags.contexts.server, &client); !s.ok()) {
    return fail(kExitFailure, s.message());
  }
  std::optional<std::uint64_t> after;
  if (flags.resumes->count() > 0) after = flags.after;
  ExitCode printed = kExitOk;
  std::uint64_t seen = 0;
  const Status status = client->watch(after, [&](const v1::ContextEvent& event) {
    wave::SecretText line;
    if (flags.contexts.json) {
      append_json(event, &line);
    } else {
      append_row(event, &line);
    }
    printed = print(line);
    return printed == kExitOk && ++seen != flags.count;
  });
  return status.ok() ? printed : fail_call(status);
}

}  // namespace

Command add_get_command(CLI::App& contexts) {
  const auto flags = std::make_shared<MsidsFlags>();
  CLI::App* command = contexts.add_subcommand("get", "Show what is held for AMSs");
  flags->add_to(*command);
  flags->contexts.add_keys_to(*command);
  return {command, [flags] { return get(*flags); }};
}

Command add_remove_command(CLI::App& contexts) {
  const auto flags = std::make_shared<MsidsFlags>();
  CLI::App* command = contexts.add_subcommand("remove", "Discard everything held for AMSs");
  flags->add_to(*command);
  flags->contexts.add_operation_to(*command);
  return {command, [flags] { return remove(*flags); }};
}

Command add_update_tek_command(CLI::App& contexts) {
  const auto flags = std::make_shared<UpdateTekFlags>();
  CLI::App* command = contexts.add_subcommand(
      "update-tek", "Move COUNTER_TEK on by one; the new TEK takes the older slot");
  flags->add_to(*command);
  flags->contexts.add_operation_to(*command);
  flags->contexts.add_keys_to(*command);
  command->add_option("--said", flags->saids, "A security association; all if not given")
      ->allow_extra_args(false);
  return {command, [flags] { return update_tek(*flags); }};
}

Command add_watch_command(CLI::App& contexts) {
  const auto flags = std::make_shared<WatchFlags>();
  CLI::App* command =
      contexts.add_subcommand("watch", "Show what happens to contexts, until the server ends it");
  flags->contexts.add_to(*command);
  flags->resumes = command->add_option(
      "--after", flags->after,
      "Begin after this event, 0: with the oldest that is kept; with the next one if not given");
  command->add_option("--count", flags->count, "End after so many events; 0: never");
  return {command, [flags] { return watch(*flags); }};
}

}  // namespace rekey::ctl

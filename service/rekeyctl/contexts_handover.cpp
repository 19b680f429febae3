// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "rekey/octets.h"
#include "rekeyctl/console.h"
#include "rekeyctl/contexts_commands.h"
#include "rekeyctl/contexts_run.h"

namespace rekey::ctl {
namespace {

struct TargetFlags {
  ContextsFlags contexts;
  MsidFlags msids;
  std::string target;

  CLI::Option* add_to(CLI::App& command) {
    contexts.add_to(command);
    contexts.add_operation_to(command);
    msids.add_to(command);
    return command.add_option("--target", target, "The target ABS's BSID, 12 hex digits");
  }

  /// `out_bsid` stays empty where no target was named.
  Status resolve(std::vector<std::string>* out_msids, std::string* out_bsid) const {
    if (Status s = msids.resolve(out_msids); !s.ok()) return s;
    return target.empty() ? Status() : parse_octets("--target", target, kBsidOctets, out_bsid);
  }
};

struct HandoverFlags {
  TargetFlags target;
  unsigned bitmap = 2;
  bool seamless = false;
  bool entry_before_break = false;
  std::uint64_t disconnection_time_ms = 0;
  std::uint64_t retain_time_ms = 0;
  unsigned count = 0;
  CLI::Option* retain_time = nullptr;
  CLI::Option* cmac_key_count = nullptr;
};

ExitCode start_handover(const HandoverFlags& flags) {
  std::vector<std::string> msids;
  std::string bsid;
  if (Status s = flags.target.resolve(&msids, &bsid); !s.ok()) {
    return fail(kExitUsage, s.message());
  }
  ContextsRun run(flags.target.contexts);
  return run.for_all<v1::StartHandoverRequest>(msids, [&](const auto& some, auto* request) {
    request->set_operation_id(run.operation_id());
    v1::Handover* handover = request->mutable_handover();
    handover->set_target_bsid(bsid);
    handover->set_ho_process_optimization(flags.bitmap);
    handover->set_seamless_handover(flags.seamless);
    handover->set_network_reentry_mode(flags.entry_before_break
                                           ? v1::NETWORK_REENTRY_MODE_ENTRY_BEFORE_BREAK
                                           : v1::NETWORK_REENTRY_MODE_BREAK_BEFORE_ENTRY);
    handover->set_disconnection_time_ms(flags.disconnection_time_ms);
    if (flags.retain_time->count() > 0) {
      handover->set_resource_retain_time_ms(flags.retain_time_ms);
    }
    for (const std::string& msid : some) {
      v1::HandoverItem* item = request->add_items();
      item->set_msid(msid);
      if (flags.cmac_key_count->count() > 0) item->set_cmac_key_count(flags.count);
    }
  });
}

/// CompleteHandover and CancelHandover name the same.
template <typename Request>
ExitCode end_handover(const TargetFlags& flags) {
  std::vector<std::string> msids;
  std::string bsid;
  if (Status s = flags.resolve(&msids, &bsid); !s.ok()) return fail(kExitUsage, s.message());
  ContextsRun run(flags.contexts);
  return run.for_all<Request>(msids, [&](const auto& some, auto* request) {
    request->set_operation_id(run.operation_id());
    for (const std::string& msid : some) {
      v1::TargetItem* item = request->add_items();
      item->set_msid(msid);
      item->set_target_bsid(bsid);
    }
  });
}

}  // namespace

Command add_handover_command(CLI::App& contexts) {
  const auto flags = std::make_shared<HandoverFlags>();
  CLI::App* command =
      contexts.add_subcommand("handover", "Prepare AMSs at a target ABS (StartHandover)");
  flags->target.add_to(*command)->required();
  flags->target.contexts.add_keys_to(*command);
  command
      ->add_option("--ho-process-optimization", flags->bitmap,
                   "The bitmap; its bit #1 (of value 2) is `omit PKM`")
      ->capture_default_str();
  command->add_flag("--seamless", flags->seamless, "Seamless_Handover Flag = 1");
  command->add_flag("--entry-before-break", flags->entry_before_break, "Network_Reentry_Mode = 1");
  command->add_option("--disconnection-time", flags->disconnection_time_ms,
                      "In milliseconds from now on; 0: none");
  flags->retain_time =
      command->add_option("--retain-time", flags->retain_time_ms,
                          "Resource_Retain_Time in milliseconds; until HO-Complete if not given");
  flags->cmac_key_count = command->add_option(
      "--cmac-key-count", flags->count,
      "As the AMS sent it, 0 to 65535; the next one the network expects if not given");
  return {command, [flags] { return start_handover(*flags); }};
}

Command add_complete_command(CLI::App& contexts) {
  const auto flags = std::make_shared<TargetFlags>();
  CLI::App* command = contexts.add_subcommand(
      "complete", "HO-Complete: the target context serves from now on (CompleteHandover)");
  flags->add_to(*command)->required();
  return {command, [flags] { return end_handover<v1::CompleteHandoverRequest>(*flags); }};
}

Command add_cancel_command(CLI::App& contexts) {
  const auto flags = std::make_shared<TargetFlags>();
  CLI::App* command = contexts.add_subcommand(
      "cancel", "Discard a target context, or all without --target (CancelHandover)");
  flags->add_to(*command);
  return {command, [flags] { return end_handover<v1::CancelHandoverRequest>(*flags); }};
}

}  // namespace rekey::ctl

// SPDX-License-Identifier: Apache-2.0
//
// What brings PMKs along: both commands read them from a wave.
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "rekey/v1/key_derivation.pb.h"
#include "rekeyctl/console.h"
#include "rekeyctl/contexts_commands.h"
#include "rekeyctl/contexts_run.h"
#include "rekeyctl/format_flags.h"
#include "rekeyctl/profile_flags.h"
#include "rekeyctl/wire_chunk.h"
#include "wave/source.h"
#include "wave/wave_reader.h"
#include "wire/wipe.h"

namespace rekey::ctl {
namespace {

constexpr std::uint64_t kMsPerSecond = 1'000;

struct WaveFlags {
  std::string in;
  std::string format;
  ProfileFlags profile;
  std::uint64_t pmk_lifetime_s = 0;

  void add_to(CLI::App& command) {
    command.add_option("--in", in,
                       "A wave: file with one AMS a line, - for standard input. Its "
                       "cmac_key_count is not used: counts start over");
    command.add_option("--format", format,
                       "Of the wave: csv or jsonl, if the file's name does not tell");
    command.add_option("--pmk-lifetime", pmk_lifetime_s, "Of the PMKs, in seconds from now on");
    profile.add_to(command);
  }
};

struct EstablishFlags {
  ContextsFlags contexts;
  WaveFlags wave;
  std::uint64_t tek_lifetime_s = 0;
};

struct ReauthenticateFlags {
  ContextsFlags contexts;
  WaveFlags wave;
  MsidFlags msids;
  bool first_tek_used = false;
};

/// The AMSs of a row, with its PMK.
void take_authentication(const v1::AmsInput& row, Profile profile, const WaveFlags& flags,
                         v1::Authentication* out_authentication) {
  out_authentication->set_pmk(row.pmk());
  out_authentication->set_pmk_lifetime_ms(flags.pmk_lifetime_s * kMsPerSecond);
  out_authentication->set_ak_sn(row.ak_sn());
  if (profile == Profile::k16mPublished) out_authentication->set_nonce_ams(row.nonce());
  if (profile == Profile::k16mDraft) out_authentication->set_nonce_bs(row.nonce());
}

/// Reads a wave and gives it away in requests of rows.
template <typename Send>
ExitCode for_rows(const WaveFlags& flags, const Send& send) {
  wave::Rules rules;
  wave::Format format{};
  Status status = flags.profile.resolve(&rules);
  if (status.ok()) status = resolve_format("--format", flags.format, flags.in, &format);
  if (status.ok() && flags.in.empty()) {
    status = Status::invalid_argument("expected --in, found no wave");
  }
  if (status.ok() && flags.pmk_lifetime_s == 0) {
    status = Status::invalid_argument("--pmk-lifetime: expected a number of seconds, found none");
  }
  if (!status.ok()) return fail(kExitUsage, status.message());
  std::unique_ptr<wave::FileSource> source;
  if (Status s = wave::FileSource::open(flags.in, &source); !s.ok()) {
    return fail(kExitFailure, s.message());
  }
  const auto reader = make_wave_reader(format, rules, *source);
  wave::Wave wave(rules);
  wave::AmsRecord record;
  for (bool more = true; more;) {
    const wave::ReadOutcome read = reader->next(&record);
    if (read == wave::ReadOutcome::kRecord) {
      wave.append(record);
    } else if (read == wave::ReadOutcome::kEnd) {
      more = false;
    } else {
      return fail(kExitFailure, flags.in + ": " + reader->error().message());
    }
    if (wave.size() == 0 || (more && wave.size() < ContextsRun::kAmssPerCall)) continue;
    v1::DeriveRequest rows;
    fill_request(wave, Wanted{}, &rows);
    wave.clear();
    const ExitCode sent = send(rules, rows);
    wire::wipe_secrets(&rows);
    if (sent != kExitOk) return sent;
  }
  return kExitOk;
}

ExitCode establish(const EstablishFlags& flags) {
  ContextsRun run(flags.contexts);
  if (const ExitCode opened = run.open(); opened != kExitOk) return opened;
  const ExitCode sent =
      for_rows(flags.wave, [&](const wave::Rules& rules, const v1::DeriveRequest& rows) {
        v1::EstablishRequest request;
        request.set_operation_id(run.operation_id());
        for (const v1::AmsInput& row : rows.items()) {
          v1::AmsRegistration* item = request.add_items();
          item->set_msid(row.msid());
          item->set_bsid(row.bsid());
          item->set_profile(rows.profile());
          *item->mutable_options() = rows.options();
          *item->mutable_saids() = row.saids();
          item->set_tek_lifetime_ms(flags.tek_lifetime_s * kMsPerSecond);
          take_authentication(row, rules.profile, flags.wave, item->mutable_authentication());
        }
        return run.call(&request);
      });
  return sent != kExitOk ? sent : run.finish();
}

ExitCode reauthenticate(const ReauthenticateFlags& flags) {
  ContextsRun run(flags.contexts);
  if (flags.first_tek_used) {
    std::vector<std::string> msids;
    if (Status s = flags.msids.resolve(&msids); !s.ok()) return fail(kExitUsage, s.message());
    return run.for_all<v1::ReauthenticateRequest>(msids, [&](const auto& some, auto* request) {
      request->set_operation_id(run.operation_id());
      for (const std::string& msid : some) {
        v1::ReauthenticateItem* item = request->add_items();
        item->set_msid(msid);
        item->set_first_tek_used(true);
      }
    });
  }
  if (const ExitCode opened = run.open(); opened != kExitOk) return opened;
  const ExitCode sent =
      for_rows(flags.wave, [&](const wave::Rules& rules, const v1::DeriveRequest& rows) {
        v1::ReauthenticateRequest request;
        request.set_operation_id(run.operation_id());
        for (const v1::AmsInput& row : rows.items()) {
          v1::ReauthenticateItem* item = request.add_items();
          item->set_msid(row.msid());
          item->set_bsid(row.bsid());
          take_authentication(row, rules.profile, flags.wave, item->mutable_new_pmk());
        }
        return run.call(&request);
      });
  return sent != kExitOk ? sent : run.finish();
}

}  // namespace

Command add_establish_command(CLI::App& contexts) {
  const auto flags = std::make_shared<EstablishFlags>();
  CLI::App* command =
      contexts.add_subcommand("establish", "Register the AMSs of a wave; its BSIDs serve them");
  flags->contexts.add_to(*command);
  flags->contexts.add_operation_to(*command);
  flags->contexts.add_keys_to(*command);
  flags->wave.add_to(*command);
  command->add_option("--tek-lifetime", flags->tek_lifetime_s,
                      "Of every TEK, in seconds; as long as its context if not given");
  return {command, [flags] { return establish(*flags); }};
}

Command add_reauthenticate_command(CLI::App& contexts) {
  const auto flags = std::make_shared<ReauthenticateFlags>();
  CLI::App* command = contexts.add_subcommand(
      "reauthenticate",
      "Give registered AMSs the PMKs of a wave; or say that their first new TEKs are in use");
  flags->contexts.add_to(*command);
  flags->contexts.add_operation_to(*command);
  flags->contexts.add_keys_to(*command);
  flags->wave.add_to(*command);
  flags->msids.add_to(*command);
  command
      ->add_flag("--first-tek-used", flags->first_tek_used,
                 "For --msid or --msids-in: discard the contexts from before")
      ->excludes("--in");
  return {command, [flags] { return reauthenticate(*flags); }};
}

}  // namespace rekey::ctl

// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "process/core_dumps.h"
#include "rekeyctl/ams_flags.h"
#include "rekeyctl/client.h"
#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"
#include "rekeyctl/derive_wave.h"
#include "rekeyctl/format_flags.h"
#include "rekeyctl/local_engine.h"
#include "rekeyctl/profile_flags.h"
#include "rekeyctl/progress.h"
#include "rekeyctl/server_flags.h"
#include "rekeyctl/summary.h"
#include "rekeyctl/verifier.h"
#include "rekeyctl/wanted_flags.h"
#include "wave/result_writer.h"
#include "wave/sink.h"
#include "wave/source.h"
#include "wave/wave_reader.h"

namespace rekey::ctl {
namespace {

struct DeriveFlags {
  ServerFlags server;
  std::string engine;
  std::string rpc = "stream";
  ProfileFlags profile;
  WantedFlags wanted;
  AmsFlags ams;
  std::string in;
  std::string format;
  bool keep_going = false;
  std::string out = "-";
  std::string out_format;
  bool verify = false;
  bool summary = false;
  std::string summary_json;
};

/// What the flags come to.
struct Plan {
  wave::Rules rules;
  Wanted wanted;
  std::optional<wave::AmsRecord> one_ams;  ///< nothing: a wave from --in
  wave::Format in_format = wave::Format::kJsonLines;
  wave::Format out_format = wave::Format::kJsonLines;
  Rpc rpc = Rpc::kStream;
};

Status parse_rpc(const std::string& name, Rpc* out_rpc) {
  if (name == "stream") {
    *out_rpc = Rpc::kStream;
  } else if (name == "batch") {
    *out_rpc = Rpc::kBatch;
  } else if (name == "rows") {
    *out_rpc = Rpc::kRows;
  } else {
    return Status::invalid_argument("--rpc: expected stream, batch or rows, found " + name);
  }
  return {};
}

Status make_plan(const DeriveFlags& flags, Plan* out_plan) {
  if (Status s = flags.server.check(); !s.ok()) return s;
  if (!flags.engine.empty() && !flags.server.local) {
    return Status::invalid_argument("--engine: needs --local; a server chooses its own engine");
  }
  if (Status s = parse_rpc(flags.rpc, &out_plan->rpc); !s.ok()) return s;
  if (Status s = flags.profile.resolve(&out_plan->rules); !s.ok()) return s;
  if (Status s = flags.wanted.resolve(out_plan->rules, &out_plan->wanted); !s.ok()) return s;
  if (!flags.out_format.empty() || flags.out != "-") {
    Status s = resolve_format("--out-format", flags.out_format, flags.out, &out_plan->out_format);
    if (!s.ok()) return s;
  }
  if (flags.in.empty() != flags.ams.given()) {
    return Status::invalid_argument(
        "expected either --in or the flags of one AMS (--pmk-file, --msid, --bsid, ...), found " +
        std::string(flags.in.empty() ? "neither" : "both"));
  }
  if (!flags.in.empty()) {
    return resolve_format("--format", flags.format, flags.in, &out_plan->in_format);
  }
  return flags.ams.resolve(out_plan->rules, &out_plan->one_ams.emplace());
}

/// One run of `derive`, from the plan to the exit code.
class Run {
 public:
  Run(const DeriveFlags& flags, const Plan& plan) : flags_(flags), plan_(plan) {}

  ExitCode run();

 private:
  ExitCode prepare();
  /// Adds everything there is. Returns kExitFailure, after saying why, when the input is bad.
  ExitCode add_input(DeriveWave& wave);
  ExitCode add_file(DeriveWave& wave);
  ExitCode fail_to_derive(const Status& status);
  ExitCode report(const DeriveWave& wave, double seconds);

  const DeriveFlags& flags_;
  const Plan& plan_;
  Progress progress_;
  std::unique_ptr<wave::FileSource> source_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Deriver> deriver_;
  std::unique_ptr<Verifier> verifier_;
  std::unique_ptr<wave::FileSink> sink_;
  std::uint64_t lines_passed_over_ = 0;
};

ExitCode Run::prepare() {
  if (!plan_.one_ams) {
    Status s = wave::FileSource::open(flags_.in, &source_);
    if (!s.ok()) return fail(kExitFailure, s.message());
  }
  if (flags_.server.local) {
    const char* forced = std::getenv("REKEY_ENGINE");
    const std::string name = flags_.engine.empty() && forced != nullptr ? forced : flags_.engine;
    std::unique_ptr<Engine> engine;
    Status s = choose_engine(name, &engine);
    if (!s.ok()) return fail(kExitFailure, s.message());
    deriver_ = make_local_deriver(std::move(engine), plan_.wanted);
  } else {
    Status s = Client::open(flags_.server, &client_);
    if (!s.ok()) return fail(kExitFailure, s.message());
    deriver_ = client_->make_deriver(plan_.rpc, plan_.wanted);
  }
  if (flags_.verify) {
    Status s = Verifier::make(&verifier_);
    if (!s.ok()) return fail(kExitFailure, s.message());
  }
  if (Status s = wave::FileSink::open(flags_.out, &sink_); !s.ok()) {
    return fail(kExitFailure, s.message());
  }
  // Not before the files are open: they may be pipes of the shell, under /dev/fd.
  return forbid_core_dumps() ? kExitOk : fail(kExitFailure, "cannot forbid core dumps");
}

ExitCode Run::run() {
  if (const ExitCode code = prepare(); code != kExitOk) return code;
  wave::ResultWriter writer(plan_.out_format, plan_.rules.profile, plan_.wanted.outputs, *sink_);
  DeriveWave wave(plan_.rules, plan_.wanted, *deriver_, verifier_.get(), writer);
  const auto start = std::chrono::steady_clock::now();
  if (Status s = writer.begin(); !s.ok()) return fail_to_derive(s);
  const ExitCode read = add_input(wave);
  // What was read before a mistake is still derived and written.
  Status status = wave.finish();
  if (status.ok()) status = sink_->flush();
  if (!status.ok()) return fail_to_derive(status);
  progress_.clear();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  const ExitCode reported = report(wave, elapsed.count());
  return read != kExitOk ? read : reported;
}

ExitCode Run::add_input(DeriveWave& wave) {
  if (!plan_.one_ams) return add_file(wave);
  // Whether it went well, finish() says.
  (void)wave.add(*plan_.one_ams);
  return kExitOk;
}

ExitCode Run::add_file(DeriveWave& wave) {
  const auto reader = make_wave_reader(plan_.in_format, plan_.rules, *source_);
  const std::string name = flags_.in == "-" ? "standard input" : flags_.in;
  wave::AmsRecord record;
  for (;;) {
    switch (reader->next(&record)) {
      case wave::ReadOutcome::kEnd:
        return kExitOk;
      case wave::ReadOutcome::kFailed:
        progress_.clear();
        return fail(kExitFailure, name + ": " + reader->error().message());
      case wave::ReadOutcome::kBadLine:
        progress_.clear();
        fail(kExitFailure, name + ": " + reader->error().message());
        if (!flags_.keep_going) return kExitFailure;
        ++lines_passed_over_;
        break;
      case wave::ReadOutcome::kRecord:
        // Why not, finish() says.
        if (!wave.add(record).ok()) return kExitOk;
        progress_.show(wave.totals().items,
                       source_->octets_in_all() == 0
                           ? -1
                           : static_cast<double>(source_->octets_read()) /
                                 static_cast<double>(source_->octets_in_all()));
        break;
    }
  }
}

ExitCode Run::fail_to_derive(const Status& status) {
  progress_.clear();
  if (sink_->has_failed()) return fail_to_write(*sink_, status);
  return client_ != nullptr ? fail_call(status) : fail(kExitFailure, status.message());
}

ExitCode Run::report(const DeriveWave& wave, double seconds) {
  Summary summary;
  summary.profile = plan_.rules.profile;
  summary.where = client_ != nullptr ? flags_.server.server : "this process";
  summary.machine = this_machine();
  summary.totals = wave.totals();
  summary.lines_passed_over = lines_passed_over_;
  summary.seconds = seconds;
  if (verifier_ != nullptr) {
    summary.verification = {verifier_->verified(), verifier_->mismatches()};
  }
  if (flags_.summary) say(summary.to_table());
  if (!flags_.summary_json.empty()) {
    std::unique_ptr<wave::FileSink> file;
    Status status = wave::FileSink::open(flags_.summary_json, &file);
    if (status.ok()) status = file->write(summary.to_json());
    if (status.ok()) status = file->flush();
    if (!status.ok()) return fail(kExitFailure, status.message());
  }
  if (verifier_ != nullptr && verifier_->mismatches() > 0) {
    return fail(kExitMismatch, std::to_string(verifier_->mismatches()) +
                                   " keys are not what OpenSSL derives; they were not written");
  }
  if (summary.totals.failed > 0 || lines_passed_over_ > 0) {
    return fail(kExitSomeFailed, std::to_string(summary.totals.failed) + " AMSs failed, " +
                                     std::to_string(lines_passed_over_) +
                                     " lines were passed over");
  }
  return kExitOk;
}

ExitCode run_derive(const DeriveFlags& flags) {
  Plan plan;
  if (Status s = make_plan(flags, &plan); !s.ok()) {
    return fail(s.code() == Code::kInvalidArgument ? kExitUsage : kExitFailure, s.message());
  }
  return Run(flags, plan).run();
}

}  // namespace

Command add_derive_command(CLI::App& program) {
  const auto flags = std::make_shared<DeriveFlags>();
  CLI::App* command = program.add_subcommand(
      "derive", "Derive the keys of one AMS or of a wave of them, on a server or in this process");
  flags->server.add_to_with_local(*command);
  command->add_option("--engine", flags->engine,
                      "With --local: openssl, simd or cuda; the best there is if not given, and "
                      "REKEY_ENGINE unset");
  command->add_option("--rpc", flags->rpc, "How to call a server: stream, batch or rows")
      ->capture_default_str()
      ->excludes("--local");
  flags->profile.add_to(*command);
  flags->wanted.add_to(*command);
  flags->ams.add_to(*command);
  command->add_option("--in", flags->in,
                      "A wave: file with one AMS a line, - for standard input. Fields: pmk, msid, "
                      "bsid, nonce, cmac_key_count, ak_sn, saids, reference");
  command->add_option("--format", flags->format,
                      "Of the wave: csv or jsonl, if the file's name does not tell");
  command->add_flag("--keep-going", flags->keep_going,
                    "Report a bad line of the wave and carry on with the next one");
  command->add_option("--out", flags->out, "File for the keys, - for standard output")
      ->capture_default_str();
  command->add_option("--out-format", flags->out_format,
                      "Of the keys: csv or jsonl, if the file's name does not tell; jsonl on "
                      "standard output");
  command->add_flag("--verify", flags->verify,
                    "Re-derive every key with OpenSSL in this process; keys that differ are not "
                    "written, and the exit code is 4");
  command->add_flag("--summary", flags->summary, "Print a short table on standard error");
  command->add_option("--summary-json", flags->summary_json, "File for the table as JSON");
  command->footer(
      "Examples:\n"
      "  rekeyctl derive --in wave.csv --out keys.jsonl --verify --summary\n"
      "  rekeyctl derive --local --profile legacy-16e --pmk-file pmk.txt --msid 001B11C9D50C \\\n"
      "    --bsid 000000000005 --cmac-key-count 0 --ak-sn 0\n"
      "  rekeyctl wave --count 1000 | rekeyctl derive --local --in - --format jsonl\n"
      "\n"
      "Files of keys are readable by their owner alone. An AMS that failed has a code other than "
      "0\n"
      "and a message instead of keys.");
  return {command, [flags] { return run_derive(*flags); }};
}

}  // namespace rekey::ctl

// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/contexts_run.h"

#include <random>
#include <utility>

#include "process/core_dumps.h"
#include "rekeyctl/console.h"
#include "rekeyctl/contexts_output.h"
#include "wave/hex.h"
#include "wave/line_reader.h"
#include "wave/source.h"

namespace rekey::ctl {
namespace {

std::string make_operation_id() {
  std::random_device random;
  std::string id = "rekeyctl-";
  for (int i = 0; i < 32; ++i) id += "0123456789abcdef"[random() % 16];
  return id;
}

Status add_msid(std::string_view where, std::string_view digits, std::vector<std::string>* msids) {
  std::string octets;
  if (Status s = parse_octets(where, std::string(digits), kMsidOctets, &octets); !s.ok()) return s;
  msids->push_back(std::move(octets));
  return {};
}

}  // namespace

void ContextsFlags::add_to(CLI::App& command) {
  server.add_to(command);
  command.add_flag("--json", json, "Print one JSON object a line instead of a table");
}

void ContextsFlags::add_operation_to(CLI::App& command) {
  command.add_option("--operation-id", operation_id,
                     "Names what is to be done, so that the same command may be repeated: nothing "
                     "moves twice. Made up if not given");
}

void ContextsFlags::add_keys_to(CLI::App& command) {
  command.add_option("--keys-out", keys_out,
                     "File for the answer as JSON Lines with its keys, readable by its owner "
                     "alone; - for standard output");
}

void MsidFlags::add_to(CLI::App& command) {
  command.add_option("--msid", msids, "An AMS, 12 hex digits; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--msids-in", in, "File with one MSID a line; - for standard input");
}

Status MsidFlags::resolve(std::vector<std::string>* out_msids) const {
  for (const std::string& msid : msids) {
    if (Status s = add_msid("--msid", msid, out_msids); !s.ok()) return s;
  }
  if (!in.empty()) {
    std::unique_ptr<wave::FileSource> source;
    if (Status s = wave::FileSource::open(in, &source); !s.ok()) return s;
    wave::LineReader lines(*source);
    using Outcome = wave::LineReader::Outcome;
    for (Outcome next = lines.next(); next != Outcome::kEnd; next = lines.next()) {
      if (next == Outcome::kFailed) return lines.failure();
      const std::string where = in + ":" + std::to_string(lines.number());
      if (Status s = add_msid(where, next == Outcome::kLine ? lines.line() : "?", out_msids);
          !s.ok()) {
        return s;
      }
    }
  }
  if (out_msids->empty()) {
    return Status::invalid_argument("expected --msid or --msids-in, found no AMS");
  }
  return {};
}

Status parse_octets(std::string_view flag, const std::string& digits, std::size_t octets,
                    std::string* out_octets) {
  out_octets->assign(octets, '\0');
  return wave::parse_hex(flag, digits,
                         {reinterpret_cast<std::uint8_t*>(out_octets->data()), out_octets->size()});
}

ExitCode ContextsRun::open() {
  if (Status s = flags_.server.check(); !s.ok()) return ctl::fail(kExitUsage, s.message());
  operation_id_ = flags_.operation_id.empty() ? make_operation_id() : flags_.operation_id;
  if (Status s = ContextsClient::open(flags_.server, &client_); !s.ok()) {
    return ctl::fail(kExitFailure, s.message());
  }
  if (!flags_.keys_out.empty()) {
    if (Status s = wave::FileSink::open(flags_.keys_out, &keys_); !s.ok()) {
      return ctl::fail(kExitFailure, s.message());
    }
  }
  return forbid_core_dumps() ? kExitOk : ctl::fail(kExitFailure, "cannot forbid core dumps");
}

ExitCode ContextsRun::show(const v1::ContextsResponse& response) {
  wave::SecretText text;
  wave::SecretText with_keys;
  if (!flags_.json && !shown_) text += kContextsHeading;
  shown_ = true;
  for (const v1::AmsContexts& ams : response.items()) {
    failed_ += ams.code() == 0 ? 0 : 1;
    if (keys_ != nullptr) append_json(ams, true, &with_keys);
    if (flags_.json) {
      append_json(ams, false, &text);
    } else {
      append_rows(ams, &text);
    }
  }
  if (keys_ != nullptr) {
    if (Status s = keys_->write(with_keys); !s.ok()) return fail_to_write(*keys_, s);
    if (flags_.keys_out == "-") return kExitOk;
  }
  return print(text);
}

ExitCode ContextsRun::fail(const Status& status) const {
  const ExitCode code = fail_call(status);
  if (code == kExitUnreachable) {
    say("whether it was done is not known: the same command with --operation-id " + operation_id_ +
        " asks again");
  }
  return code;
}

ExitCode ContextsRun::finish() {
  if (keys_ != nullptr) {
    if (Status s = keys_->flush(); !s.ok()) return fail_to_write(*keys_, s);
  }
  if (failed_ == 0) return kExitOk;
  return ctl::fail(kExitSomeFailed, std::to_string(failed_) + " AMSs failed");
}

}  // namespace rekey::ctl

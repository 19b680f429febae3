// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/ams_flags.h"

#include <algorithm>
#include <memory>

#include "wave/line_reader.h"
#include "wave/record_fields.h"
#include "wave/source.h"

namespace rekey::ctl {
namespace {

using wave::Field;

constexpr const char* kGroup = "One AMS";

/// Reads a PMK from the one line of a file.
Status read_pmk(const std::string& path, const wave::Rules& rules, wave::AmsRecord* out_record) {
  std::unique_ptr<wave::FileSource> source;
  if (Status s = wave::FileSource::open(path, &source); !s.ok()) {
    return {Code::kInternal, s.message()};
  }
  using Outcome = wave::LineReader::Outcome;
  wave::LineReader lines(*source);
  const Outcome first = lines.next();
  if (first == Outcome::kFailed) return lines.failure();
  if (first != Outcome::kLine) {
    return Status::invalid_argument(
        "--pmk-file: expected 40 hex digits, found " +
        std::string(first == Outcome::kEnd ? "an empty file" : "a longer line"));
  }
  if (Status s = set_field_from_text(rules, Field::kPmk, lines.line(), out_record); !s.ok()) {
    return s;
  }
  if (lines.next() != Outcome::kEnd) {
    return Status::invalid_argument("--pmk-file: expected one line, found more");
  }
  return {};
}

}  // namespace

void AmsFlags::add_to(CLI::App& command) {
  const auto add = [&](CLI::Option* option) { options_.push_back(option->group(kGroup)); };
  add(command.add_option("--pmk-file", pmk_file_,
                         "File with the PMK, 40 hex digits; - for standard input"));
  add(command.add_option("--pmk", pmk_,
                         "The PMK itself, with --insecure-pmk-on-command-line alone"));
  add(command.add_flag("--insecure-pmk-on-command-line", insecure_pmk_,
                       "Accept --pmk, although every user of this machine can read it in the "
                       "process list, and the shell may keep it in its history"));
  add(command.add_option("--msid", msid_, "12 hex digits"));
  add(command.add_option("--bsid", bsid_, "12 hex digits"));
  add(command.add_option("--nonce", nonce_,
                         "16 hex digits: NONCE_BS in 16m-draft, NONCE_AMS in 16m-published"));
  add(command.add_option("--cmac-key-count", cmac_key_count_, "0 to 65535"));
  add(command.add_option("--ak-sn", ak_sn_, "0 to 15"));
  add(command.add_option("--said", saids_, "A security association; may be repeated")
          ->allow_extra_args(false));
  add(command.add_option("--reference", reference_, "Text to repeat beside the keys"));
}

bool AmsFlags::given() const {
  return std::any_of(options_.begin(), options_.end(),
                     [](const CLI::Option* option) { return option->count() > 0; });
}

Status AmsFlags::resolve(const wave::Rules& rules, wave::AmsRecord* out_record) const {
  if (Status s = resolve_pmk(rules, out_record); !s.ok()) return s;
  struct Flag {
    const char* name;
    Field field;
    const std::string& text;
  };
  for (const Flag& flag : {Flag{"--msid", Field::kMsid, msid_}, Flag{"--bsid", Field::kBsid, bsid_},
                           Flag{"--nonce", Field::kNonce, nonce_},
                           Flag{"--cmac-key-count", Field::kCmacKeyCount, cmac_key_count_},
                           Flag{"--ak-sn", Field::kAkSn, ak_sn_},
                           Flag{"--reference", Field::kReference, reference_}}) {
    if (flag.text.empty() && rules.requires_field(flag.field)) {
      return Status::invalid_argument(std::string(flag.name) + ": expected " +
                                      expected_form(rules, flag.field) + ", found no such flag");
    }
    if (Status s = set_field_from_text(rules, flag.field, flag.text, out_record); !s.ok()) {
      return s;
    }
  }
  std::string saids;
  for (const std::string& said : saids_) saids += (saids.empty() ? "" : ";") + said;
  return set_field_from_text(rules, Field::kSaids, saids, out_record);
}

Status AmsFlags::resolve_pmk(const wave::Rules& rules, wave::AmsRecord* out_record) const {
  if (pmk_.empty() == pmk_file_.empty()) {
    return Status::invalid_argument("the PMK: expected --pmk-file, found " +
                                    std::string(pmk_.empty() ? "no such flag" : "--pmk too"));
  }
  if (!pmk_file_.empty()) return read_pmk(pmk_file_, rules, out_record);
  if (!insecure_pmk_) {
    return Status::invalid_argument(
        "--pmk: every user of this machine can read a PMK on the command line, in the process "
        "list; put it into a file for --pmk-file, or add --insecure-pmk-on-command-line");
  }
  return set_field_from_text(rules, Field::kPmk, pmk_, out_record);
}

}  // namespace rekey::ctl

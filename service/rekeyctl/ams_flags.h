// SPDX-License-Identifier: Apache-2.0
//
// The flags that describe one AMS.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "rekey/status.h"
#include "wave/ams_record.h"

namespace rekey::ctl {

/// AmsFlags hold what was said on the command line.
class AmsFlags {
 public:
  /// add_to adds the flags to a command; `this` must outlive it.
  void add_to(CLI::App& command);
  /// Whether any of them was given.
  [[nodiscard]] bool given() const;
  /// resolve reads the PMK from its file and sets `*out_record`. Returns kInvalidArgument when a
  /// flag is missing, has a wrong value, or gives the PMK away without consent; kInternal when the
  /// PMK's file cannot be read.
  Status resolve(const wave::Rules& rules, wave::AmsRecord* out_record) const;

 private:
  Status resolve_pmk(const wave::Rules& rules, wave::AmsRecord* out_record) const;

  std::string pmk_file_;
  std::string pmk_;
  bool insecure_pmk_ = false;
  std::string msid_;
  std::string bsid_;
  std::string nonce_;
  std::string cmac_key_count_;
  std::string ak_sn_;
  std::vector<std::string> saids_;
  std::string reference_;
  std::vector<CLI::Option*> options_;
};

}  // namespace rekey::ctl

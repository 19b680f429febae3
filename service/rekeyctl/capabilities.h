// SPDX-License-Identifier: Apache-2.0
//
// What a server, or this process, can do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rekey::ctl {

/// Capabilities as `rekeyctl capabilities` shows them.
struct Capabilities {
  struct Profile {
    std::string name;
    std::vector<std::string> yields;  ///< names of keys
    bool published_answers = false;   ///< checked against published known answers
  };
  struct Engine {
    std::string name;
    std::string description;
    std::string state;   ///< `serving`, `unavailable` or `refused`
    std::string reason;  ///< why it is not serving
    bool preferred = false;
  };

  std::string version;
  std::string default_profile;
  std::vector<Profile> profiles;
  std::vector<Engine> engines;
  std::uint64_t batch_items_max = 0;  ///< AMSs in one request
  std::uint64_t tek_counters_max = 0;
  std::uint64_t message_octets_max = 0;  ///< of a request; 0: there are no messages
};

/// SelfTestResult is one known answer on one engine.
struct SelfTestResult {
  std::string engine;
  std::string known_answer;
  std::string origin;
  bool passed = false;
  std::string message;  ///< what came out wrong
};

/// local_capabilities describes this process. Runs the known answers on every engine.
Capabilities local_capabilities();

/// local_self_test runs the known answers on every engine that can run here.
std::vector<SelfTestResult> local_self_test();

}  // namespace rekey::ctl

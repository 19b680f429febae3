// SPDX-License-Identifier: Apache-2.0
//
// What all commands of key contexts have in common: which AMSs, on which server, and where the
// answer goes.
#pragma once

#include <CLI/App.hpp>
#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "rekey/status.h"
#include "rekey/v1/key_contexts.pb.h"
#include "rekeyctl/console.h"
#include "rekeyctl/contexts_client.h"
#include "rekeyctl/exit_code.h"
#include "rekeyctl/server_flags.h"
#include "wave/sink.h"
#include "wire/wipe.h"

namespace rekey::ctl {

/// ContextsFlags hold what was said on the command line.
struct ContextsFlags {
  ServerFlags server;
  std::string operation_id;  ///< empty: one is made up
  std::string keys_out;      ///< file for the keys; empty: none
  bool json = false;

  /// The three add to a command; `this` must outlive it.
  void add_to(CLI::App& command);
  void add_operation_to(CLI::App& command);
  void add_keys_to(CLI::App& command);
};

/// MsidFlags name AMSs.
struct MsidFlags {
  std::vector<std::string> msids;
  std::string in;  ///< a file with one MSID a line

  void add_to(CLI::App& command);
  /// resolve returns the MSIDs as octets, at least one. kInvalidArgument otherwise.
  Status resolve(std::vector<std::string>* out_msids) const;
};

/// parse_octets reads hex digits of a flag that is not secret.
Status parse_octets(std::string_view flag, const std::string& digits, std::size_t octets,
                    std::string* out_octets);

/// ContextsRun makes calls and shows their answers.
class ContextsRun {
 public:
  /// AMSs of one call. The AMSs of a command share its operation_id: each is in one call.
  static constexpr std::size_t kAmssPerCall = 4'096;

  explicit ContextsRun(const ContextsFlags& flags) : flags_(flags) {}

  /// open reports what is wrong.
  ExitCode open();

  [[nodiscard]] const std::string& operation_id() const { return operation_id_; }

  /// call makes one call and shows its answer; it wipes the request.
  template <typename Request>
  ExitCode call(Request* request) {
    v1::ContextsResponse response;
    const Status status = client_->call(*request, &response);
    wire::wipe_secrets(request);
    constexpr bool kLooks = std::is_same_v<Request, v1::GetRequest>;
    const ExitCode shown = status.ok() ? show(response) : kLooks ? fail_call(status) : fail(status);
    wire::wipe_secrets(&response);
    return shown;
  }

  /// for_all cuts a list of MSIDs into calls: `fill` puts some of them into a new request.
  template <typename Request>
  ExitCode for_all(const std::vector<std::string>& msids,
                   const std::function<void(std::span<const std::string>, Request*)>& fill) {
    if (const ExitCode opened = open(); opened != kExitOk) return opened;
    for (std::size_t first = 0; first < msids.size(); first += kAmssPerCall) {
      Request request;
      fill(std::span(msids).subspan(first, std::min(kAmssPerCall, msids.size() - first)), &request);
      if (const ExitCode code = call(&request); code != kExitOk) return code;
    }
    return finish();
  }

  /// finish ends the output: kExitSomeFailed when AMSs failed.
  ExitCode finish();

 private:
  ExitCode show(const v1::ContextsResponse& response);
  ExitCode fail(const Status& status) const;

  const ContextsFlags& flags_;
  std::string operation_id_;
  std::unique_ptr<ContextsClient> client_;
  std::unique_ptr<wave::FileSink> keys_;
  bool shown_ = false;
  std::size_t failed_ = 0;
};

}  // namespace rekey::ctl

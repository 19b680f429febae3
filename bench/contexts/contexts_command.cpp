// SPDX-License-Identifier: Apache-2.0
#include "contexts/contexts_command.h"

#include <openssl/rand.h>
#include <stdlib.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "contexts/contexts_report.h"
#include "contexts/contexts_run.h"
#include "rekey/engines.h"
#include "rekeyd_option.h"
#include "report_options.h"
#include "service/cores.h"
#include "service/server_process.h"

namespace rekey::bench {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMaxAmss = 8'192;       // of one request of KeyContexts
constexpr unsigned kMaxRequests = 60'000;  // each takes a CMAC_KEY_COUNT
constexpr std::chrono::seconds kPatience{60};

struct Options {
  Output output;
  unsigned amss = 4'096;
  unsigned requests = 200;
  RekeydOption rekeyd;
  std::string directory;
};

/// Folder is a new one, removed at the end.
class Folder {
 public:
  static Status make(const fs::path& in, std::unique_ptr<Folder>* out_folder) {
    std::string path = (in / "rekey-bench-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return {Code::kUnavailable,
              "--directory " + in.string() + ": cannot make a folder there: " + strerror(errno)};
    }
    out_folder->reset(new Folder(path));
    return {};
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  explicit Folder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

/// A key that nobody keeps.
Status write_key(const fs::path& file) {
  std::array<std::uint8_t, 32> key{};
  if (RAND_bytes(key.data(), key.size()) != 1) return {Code::kInternal, "no random octets"};
  std::ofstream out(file);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  out << std::hex << std::setfill('0');
  for (const std::uint8_t octet : key) out << std::setw(2) << int{octet};
  out << '\n';
  return out.good() ? Status() : Status(Code::kUnavailable, "cannot write " + file.string());
}

Status start(const Options& options, const ContextsReport& report,
             const std::vector<std::string>& store_flags,
             std::unique_ptr<ServerProcess>* out_rekeyd) {
  std::vector<std::string> flags = {"--listen", "127.0.0.1:0", "--log-level",    "info",
                                    "--verify", "sampled",     "--simd-threads", "1"};
  flags.insert(flags.end(), store_flags.begin(), store_flags.end());
  return ServerProcess::start(options.rekeyd.path(), flags, report.cores.servers, kPatience,
                              out_rekeyd);
}

Status measure(const Options& options, ContextsReport* report) {
  std::unique_ptr<Folder> folder;
  if (Status s = Folder::make(report->directory, &folder); !s.ok()) return s;
  const fs::path key_file = folder->path() / "contexts.key";
  if (Status s = write_key(key_file); !s.ok()) return s;
  std::unique_ptr<ServerProcess> memory, rocksdb;
  if (Status s = start(options, *report, {"--contexts-store", "memory"}, &memory); !s.ok()) {
    return s;
  }
  if (Status s = start(options, *report,
                       {"--contexts-store", "rocksdb:" + (folder->path() / "contexts").string(),
                        "--contexts-key-file", key_file.string()},
                       &rocksdb);
      !s.ok()) {
    return s;
  }
  const auto referee = make_openssl_engine();
  if (Status s = admit(*referee); !s.ok()) return s;
  const PinnedThread client(report->cores.client);
  return run_contexts({memory.get(), rocksdb.get()}, options.amss, options.requests, *referee,
                      &report->ways);
}

int run(const Options& options) {
  ContextsReport report;
  report.machine = this_machine();
  report.cores = Cores::choose();
  report.directory =
      options.directory.empty() ? fs::temp_directory_path().string() : options.directory;
  report.amss = options.amss;
  report.requests = options.requests;
  if (const Status s = measure(options, &report); !s.ok()) {
    std::cerr << "rekey-bench contexts: " << s.message() << '\n';
    return 1;
  }
  options.output.print(report);
  return 0;
}

}  // namespace

void add_contexts_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "contexts",
      "Starts rekeyd with key contexts in memory and one with contexts on RocksDB, registers AMSs, "
      "and hands all of them over to one target again and again: StartHandover is timed, by turns "
      "with DeriveBatch and Derive of as many AMSs, which keep nothing. All servers have one core, "
      "the client another. The keys of the first handover, and all of the other ways, are compared "
      "with OpenSSL's.");
  options->output.add_to(command);
  command->add_option("--ams", options->amss, "AMSs in a request")
      ->check(CLI::Range(1U, kMaxAmss))
      ->capture_default_str();
  command
      ->add_option("--requests", options->requests,
                   "Requests to measure of each way; of fewer than 1,000, p99.9 is the longest")
      ->check(CLI::Range(1U, kMaxRequests))
      ->capture_default_str();
  command
      ->add_option("--directory", options->directory,
                   "Where RocksDB writes, in a folder that is removed at the end; the system's "
                   "place for temporary files unless given")
      ->type_name("DIR");
  options->rekeyd.add_to(command);
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench

// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <thread>

#include "rekey/worker_pool.h"
#include "rpc/version.h"

namespace rekey::rekeyd {
namespace {

constexpr char kDescription[] =
    "rekeyd derives handover keys in bulk and serves them over gRPC.\n"
    "\n"
    "It derives from PMKs, which must not leave the authenticator: run it on the authenticator's\n"
    "side. Every engine reproduces known answers before it serves. SIGTERM or SIGINT drains: "
    "health\n"
    "says NOT_SERVING, new calls are refused, accepted work is answered, exit 0. A second signal\n"
    "ends it at once.";

constexpr char kFooter[] =
    "\nA flag wins over the configuration file, which wins over the environment.\n"
    "\n"
    "Exit codes:\n"
    "  0  drained after a signal; or --help, --version\n"
    "  1  could not start (engine, address), or calls were still open when the drain gave up\n"
    "  2  wrong usage";

const std::map<std::string, dispatch::Verify> kVerifyNames = {
    {"off", dispatch::Verify::kOff},
    {"sampled", dispatch::Verify::kSampled},
    {"all", dispatch::Verify::kAll}};

/// All cores up to 16: a batch of the largest request gains little from more.
unsigned default_simd_threads() { return std::clamp(std::thread::hardware_concurrency(), 1U, 16U); }

/// Says what is wrong with the values as a whole; empty when nothing is.
std::string check(const std::string& listen, bool insecure, Options* options) {
  if (const Status s = ListenAddress::parse(listen, &options->listen); !s.ok()) {
    return "--listen: " + s.message();
  }
  if (!insecure && !options->listen.is_loopback()) {
    return "--listen: " + listen +
           " is not a loopback address, and keys would cross the network in plaintext. To do that "
           "all the same, add --insecure";
  }
  return {};
}

}  // namespace

bool parse_options(int argc, const char* const* argv, Options* out_options, int* out_exit_code) {
  Options options;
  std::string listen = "127.0.0.1:7316";
  bool insecure = false;
  options.verify_name = "sampled";
  options.engine = "auto";
  options.log_level = "info";
  options.simd_threads = default_simd_threads();

  CLI::App app(kDescription, "rekeyd");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("rekeyd ") + rpc::kVersion);
  app.add_option("--listen", listen, "Where to listen. Port 0 picks a free port, named in the log")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_flag("--insecure", insecure,
               "Allow plaintext on an address that other machines can reach");
  app.add_option("--verify", options.verify_name,
                 "Which keys are derived again with OpenSSL and compared before they leave: off, "
                 "sampled (1 AMS in 1,024) or all")
      ->check(CLI::IsMember({"off", "sampled", "all"}))
      ->type_name("WHICH")
      ->capture_default_str();
  app.add_option("--engine", options.engine,
                 "What derives: auto (the fastest that serves), openssl, simd or cuda. A named "
                 "engine that cannot serve is an error")
      ->check(CLI::IsMember({"auto", "openssl", "simd", "cuda"}))
      ->type_name("NAME")
      ->envname("REKEY_ENGINE")
      ->capture_default_str();
  app.add_option(
         "--simd-threads", options.simd_threads,
         "How many threads derive one large batch together on the simd engine; 1 keeps each "
         "batch on one thread. Default: one a core, at most 16")
      ->check(CLI::Range(1U, WorkerPool::kMaxThreads))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->type_name("LEVEL")
      ->capture_default_str();
  app.set_config("--config", "",
                 "Read flags from a file: one `name = value` a line, names as above without the "
                 "dashes, for example `verify = \"all\"`")
      ->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *out_exit_code = app.exit(error) == 0 ? kExitOk : kExitUsage;
    return false;
  }
  options.verify = kVerifyNames.at(options.verify_name);
  if (const std::string wrong = check(listen, insecure, &options); !wrong.empty()) {
    std::cerr << wrong << "\nRun with --help for more information.\n";
    *out_exit_code = kExitUsage;
    return false;
  }
  *out_options = std::move(options);
  return true;
}

}  // namespace rekey::rekeyd

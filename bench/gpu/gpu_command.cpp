// SPDX-License-Identifier: Apache-2.0
#include "gpu/gpu_command.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engines/sweep.h"
#include "gpu/device_ways.h"
#include "gpu/engine_ways.h"
#include "gpu/gpu_report.h"
#include "gpu/gpu_run.h"
#include "profile_choice.h"
#include "rekey/engines.h"
#include "rekey/worker_pool.h"
#include "report_options.h"

namespace rekey::bench {
namespace {

struct Options {
  ReportOptions report;
  std::vector<std::uint32_t> ams = {default_sweep_sizes().begin(), default_sweep_sizes().end()};
  ProfileChoice profiles;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

/// How a program that runs kernels on the CPU calls its device.
constexpr std::string_view kStandIn = "ptxrun";

int fail(int exit_code, const std::string& what) {
  std::cerr << "rekey-bench gpu: " << what << '\n';
  return exit_code;
}

int run(Options options) {
  const auto cuda = make_cuda_engine();
  if (std::string reason = cuda->unavailable_reason(); !reason.empty()) {
    return fail(kNoGpuExit, "nothing to measure: " + reason);
  }
  std::unique_ptr<WorkerPool> pool;
  if (Status s = WorkerPool::create(options.threads, &pool); !s.ok()) {
    return fail(1, "--threads: " + s.message());
  }
  const auto simd = make_simd_engine({}, pool.get());
  for (Engine* engine : {cuda.get(), simd.get()}) {
    if (Status s = admit(*engine); !s.ok()) return fail(1, s.message());
  }
  const auto pinned = pinned_pieces();
  auto* const plain = std::pmr::new_delete_resource();
  const std::vector<WayKind> ways = {
      end_to_end("simd", simd->description(), *simd, plain),
      copies_alone(),
      kernel_alone(),
      end_to_end("cuda", "end to end, the caller's columns in ordinary memory", *cuda, plain),
      end_to_end("cuda-pinned", "end to end, the caller's columns in pinned memory", *cuda,
                 pinned.get()),
      by_handles("cuda-resident", "by handles of AMSs on the device, the rest pinned", *cuda,
                 pinned.get())};

  std::ranges::sort(options.ams);
  GpuReport report;
  report.conditions = {this_machine(), options.threads, Plan::for_seconds(options.report.seconds)};
  report.device = cuda->description();
  report.from_device = !report.device.starts_with(kStandIn);
  for (Profile profile : options.profiles.profiles()) {
    report.profiles.push_back(run_gpu(profile, options.ams, report.conditions.plan, ways));
  }
  options.report.print(report);
  return std::ranges::all_of(report.profiles, &GpuProfileReport::good) ? 0 : 1;
}

}  // namespace

void add_gpu_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "gpu",
      "Prints the AMSs a second of the first CUDA device at several sizes of batch: its copies "
      "alone, its kernel alone, end to end from ordinary and from pinned memory, and with AMSs "
      "that stay on the device, beside the simd engine on the same host, and the size from which "
      "on the GPU is faster. All run by turns in one process; before a size is timed, every key is "
      "compared with OpenSSL's. Without a GPU it says why and exits with 3.");
  options->report.add_to(command, "Time to measure each way for, at each size and in each profile");
  command->add_option("--ams", options->ams, "Sizes of batch, in AMSs")
      ->check(CLI::Range(std::uint32_t{1}, kMaxBatchItems))
      ->capture_default_str();
  options->profiles.add_to(command);
  command
      ->add_option("--threads", options->threads,
                   "Threads that the simd engine spreads large batches over; all of the machine "
                   "unless given")
      ->check(CLI::Range(1U, WorkerPool::kMaxThreads));
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench

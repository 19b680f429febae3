// SPDX-License-Identifier: Apache-2.0
#include "cuda/cuda_engine.h"

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cuda/cmac_job.h"
#include "cuda/derive_job.h"
#include "cuda/device.h"
#include "cuda/device_contexts.h"
#include "cuda/launch.h"
#include "cuda/runner.h"
#include "cuda/workspace.h"
#include "engine/absent_engine.h"
#include "rekey/engines.h"

namespace rekey::cuda {
namespace {

constexpr std::string_view kName = "cuda";

/// FirstScan is a job that makes Thrust ask for all it wants to know of the device, which it
/// remembers for the life of the process: a failure then keeps an engine from starting, and never
/// comes up in a batch.
class FirstScan {
 public:
  struct Chunk {};

  [[nodiscard]] Status prepare() const { return {}; }
  bool next(Chunk*) { return !std::exchange(done_, true); }

  Status start(Workspace& workspace, Chunk*) {
    const Room counts = workspace.input(1);
    counts.host[0] = 1;
    const Room sums = workspace.output(sizeof(std::uint32_t));
    if (Status s = workspace.upload(); !s.ok()) return s;
    if (Status s = scan_sa_counts(counts.device, 1, reinterpret_cast<std::uint32_t*>(sums.device),
                                  workspace.scratch(kScanScratchOctets), kScanScratchOctets,
                                  workspace.stream());
        !s.ok()) {
      return s;
    }
    return workspace.download();
  }

  void take(const Chunk&) {}

 private:
  bool done_ = false;
};

class CudaEngine final : public Engine {
 public:
  CudaEngine(const Tuning& tuning, int device);

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return report_.description; }
  [[nodiscard]] std::string unavailable_reason() const override {
    return report_.unavailable_reason;
  }
  Status open_contexts(const ContextsShape& shape,
                       std::unique_ptr<ResidentContexts>* out_contexts) override;

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override;
  Status cmac_all(const CmacBatch& batch, Octets macs) override;

 private:
  Status open();

  const std::string name_;
  DeviceReport report_;
  Runner runner_;
};

CudaEngine::CudaEngine(const Tuning& tuning, int device)
    : name_(device == 0 ? std::string(kName) : std::string(kName) + ":" + std::to_string(device)),
      report_(describe_device(device)),
      runner_(tuning, device) {
  assert(tuning.chunk_items > 0 && tuning.chunk_teks >= kMaxTeksPerAms);
  assert(tuning.workspaces > 0 && tuning.workspaces_of_a_batch > 0);
  if (!report_.unavailable_reason.empty()) return;
  const Status status = open();
  if (status.ok()) return;
  report_.unavailable_reason = report_.description + ": " + status.message();
  runner_.close();
}

Status CudaEngine::open() {
  const CurrentDevice current(runner_.device());
  if (!current.status().ok()) return current.status();
  if (Status s = probe_kernels(); !s.ok()) return s;
  if (Status s = runner_.open(); !s.ok()) return s;
  FirstScan first_scan;
  return runner_.run(first_scan);
}

Status CudaEngine::derive_all(const CheckedBatch& batch, const BatchResult& result) {
  DeriveJob job(DeriveInputs(batch), result, runner_.tuning());
  return runner_.run(job);
}

Status CudaEngine::cmac_all(const CmacBatch& batch, Octets macs) {
  CmacJob job(batch, macs, runner_.tuning());
  return runner_.run(job);
}

Status CudaEngine::open_contexts(const ContextsShape& shape,
                                 std::unique_ptr<ResidentContexts>* out_contexts) {
  if (Status s = available(); !s.ok()) return s;
  auto contexts = std::make_unique<DeviceContexts>(shape, runner_, report_.description);
  if (Status s = contexts->open(); !s.ok()) return {s.code(), name_ + ": " + s.message()};
  *out_contexts = std::move(contexts);
  return {};
}

std::unique_ptr<Engine> absent(std::string reason) {
  return std::make_unique<AbsentEngine>(kName, std::move(reason));
}

}  // namespace

std::unique_ptr<Engine> make_engine(const Tuning& tuning, int device) {
  std::string reason;
  if (device < count_devices(&reason)) return std::make_unique<CudaEngine>(tuning, device);
  if (reason.empty()) reason = "no CUDA device of number " + std::to_string(device);
  return absent(std::move(reason));
}

std::vector<std::unique_ptr<Engine>> make_engines(const Tuning& tuning) {
  std::string reason;
  const int devices = count_devices(&reason);
  std::vector<std::unique_ptr<Engine>> engines;
  engines.reserve(static_cast<std::size_t>(devices));
  for (int device = 0; device < devices; ++device) {
    engines.push_back(std::make_unique<CudaEngine>(tuning, device));
  }
  if (engines.empty()) engines.push_back(absent(std::move(reason)));
  return engines;
}

}  // namespace rekey::cuda

namespace rekey {

std::unique_ptr<Engine> make_cuda_engine() { return cuda::make_engine(cuda::Tuning{}); }

std::vector<std::unique_ptr<Engine>> make_cuda_engines() {
  return cuda::make_engines(cuda::Tuning{});
}

}  // namespace rekey

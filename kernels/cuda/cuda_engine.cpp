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
#include "cuda/launch.h"
#include "cuda/pipeline.h"
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
  ~CudaEngine() override;

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return report_.description; }
  [[nodiscard]] std::string unavailable_reason() const override {
    return report_.unavailable_reason;
  }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override;
  Status cmac_all(const CmacBatch& batch, Octets macs) override;

 private:
  Status open();
  template <typename Job>
  Status run(Job& job);

  const Tuning tuning_;
  const int device_;
  const std::string name_;
  DeviceReport report_;
  WorkspacePool pool_;
};

CudaEngine::CudaEngine(const Tuning& tuning, int device)
    : tuning_(tuning),
      device_(device),
      name_(device == 0 ? std::string(kName) : std::string(kName) + ":" + std::to_string(device)),
      report_(describe_device(device)) {
  assert(tuning.chunk_items > 0 && tuning.chunk_teks >= kMaxTeksPerAms);
  assert(tuning.workspaces > 0 && tuning.workspaces_of_a_batch > 0);
  if (!report_.unavailable_reason.empty()) return;
  const CurrentDevice current(device_);
  Status status = current.status();
  if (status.ok()) status = open();
  if (status.ok()) return;
  report_.unavailable_reason = report_.description + ": " + status.message();
  pool_.destroy();
}

CudaEngine::~CudaEngine() {
  const CurrentDevice current(device_);
  pool_.destroy();
}

Status CudaEngine::open() {
  if (Status s = probe_kernels(); !s.ok()) return s;
  if (Status s = pool_.create(tuning_); !s.ok()) return s;
  FirstScan first_scan;
  return run_chunks(first_scan, pool_, 1);
}

template <typename Job>
Status CudaEngine::run(Job& job) {
  const CurrentDevice current(device_);
  if (!current.status().ok()) return current.status();
  if (Status s = job.prepare(); !s.ok()) return s;
  return run_chunks(job, pool_, tuning_.workspaces_of_a_batch);
}

Status CudaEngine::derive_all(const CheckedBatch& batch, const BatchResult& result) {
  DeriveJob job(batch, result, tuning_);
  return run(job);
}

Status CudaEngine::cmac_all(const CmacBatch& batch, Octets macs) {
  CmacJob job(batch, macs, tuning_);
  return run(job);
}

}  // namespace

std::unique_ptr<Engine> make_engine(const Tuning& tuning, int device) {
  std::string reason;
  if (device >= count_devices(&reason)) {
    if (reason.empty()) reason = "no CUDA device of number " + std::to_string(device);
    return std::make_unique<AbsentEngine>(kName, reason);
  }
  return std::make_unique<CudaEngine>(tuning, device);
}

}  // namespace rekey::cuda

namespace rekey {

std::unique_ptr<Engine> make_cuda_engine() { return cuda::make_engine(cuda::Tuning{}); }

std::vector<std::unique_ptr<Engine>> make_cuda_engines() {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(make_cuda_engine());
  std::string reason;
  const int devices = cuda::count_devices(&reason);
  for (int device = 1; device < devices; ++device) {
    engines.push_back(cuda::make_engine(cuda::Tuning{}, device));
  }
  return engines;
}

}  // namespace rekey

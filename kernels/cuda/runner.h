// SPDX-License-Identifier: Apache-2.0
//
// Runs jobs (see pipeline.h) on one device: what an engine and the resident contexts on its device
// have in common.
#pragma once

#include "cuda/device.h"
#include "cuda/pipeline.h"
#include "cuda/tuning.h"
#include "cuda/workspace.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// Runner has the workspaces of a device. run() may be called from several threads at once.
class Runner {
 public:
  Runner(const Tuning& tuning, int device) : tuning_(tuning), device_(device) {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  /// Wipes and frees everything. No job may be running.
  ~Runner() { close(); }

  /// open gets everything there will ever be; called once.
  Status open() {
    const CurrentDevice current(device_);
    return current.status().ok() ? pool_.create(tuning_) : current.status();
  }
  /// close wipes and frees everything. A second call does nothing.
  void close() {
    const CurrentDevice current(device_);
    pool_.destroy();
  }

  [[nodiscard]] const Tuning& tuning() const { return tuning_; }
  [[nodiscard]] int device() const { return device_; }

  /// run prepares a job and runs all its chunks.
  template <typename Job>
  Status run(Job& job) {
    const CurrentDevice current(device_);
    if (!current.status().ok()) return current.status();
    if (Status s = job.prepare(); !s.ok()) return s;
    return run_chunks(job, pool_, tuning_.workspaces_of_a_batch);
  }

 private:
  const Tuning tuning_;
  const int device_;
  WorkspacePool pool_;
};

}  // namespace rekey::cuda

// SPDX-License-Identifier: Apache-2.0
//
// The stream and the memory that one chunk of a batch is derived with, and the pool of them.
//
// Columns of a chunk lie one behind the other in one piece of pinned memory and, at the same
// offsets, in one piece of device memory: one copy brings all inputs in and one all results out.
// Large columns of callers who have pinned memory themselves are copied from and to there.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "cuda/device.h"
#include "cuda/tuning.h"
#include "rekey/octets.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// Room is what a column of a chunk was given, on both sides.
struct Room {
  Octets host;
  std::uint8_t* device = nullptr;
};

/// Workspace serves one chunk after the other, each in the same order: input(), output() and
/// scratch() for all columns, upload(), kernels, download(), wait(), clear(). All calls are made
/// with its device current, and never by two threads at once.
class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  /// Wipes and frees everything.
  ~Workspace();

  /// create gets everything there will ever be, for chunks as large as `tuning` says; called once.
  Status create(const Tuning& tuning);
  /// Device memory that create() gets.
  static std::size_t device_octets(const Tuning& tuning);
  /// How much input() and output() can give out together.
  static std::size_t transfer_octets(const Tuning& tuning);
  /// What `octets` octets take: columns begin where any kernel can use them.
  static std::size_t room_octets(std::size_t octets);

  /// input gives room to a column that the host fills. Inputs come before outputs, and those
  /// before scratch memory.
  Room input(std::size_t octets);
  /// output gives room to a column that a kernel fills.
  Room output(std::size_t octets);
  /// scratch gives room on the device alone.
  std::uint8_t* scratch(std::size_t octets);
  /// direct_input gives room to a column and enqueues its copy straight from `from`, which is
  /// pinned memory. Comes with scratch(), after upload().
  Status direct_input(ConstOctets from, std::uint8_t** out_device);
  /// direct_output gives room to a column that download() copies straight to `to`, which is pinned
  /// memory. Comes with scratch().
  std::uint8_t* direct_output(Octets to);
  [[nodiscard]] cudaStream_t stream() const { return stream_.get(); }

  /// upload enqueues the copy of all inputs to the device.
  Status upload();
  /// download enqueues the copy of all outputs to the host, then zeroes all device memory in use.
  Status download();
  /// wait returns when all of it is done, with the first failure in it.
  Status wait();
  /// clear wipes the columns on the host and takes the room back. Nothing may be under way.
  void clear();

  /// recover makes a workspace usable again whose chunk was given up at any point: it waits for
  /// what is under way and wipes everything. When that fails the columns stay, and it can be called
  /// again. Does nothing after clear().
  Status recover();

 private:
  struct Output {
    Octets to;
    const std::uint8_t* from;
  };

  std::size_t take(std::size_t octets);

  Stream stream_;
  Event done_;
  DeviceMemory device_;
  PinnedMemory host_;
  // Ends of what was given out: inputs, then outputs, then scratch memory.
  std::size_t inputs_end_ = 0;
  std::size_t outputs_end_ = 0;
  std::size_t end_ = 0;
  std::vector<Output> outputs_;  ///< what download() copies
};

/// WorkspacePool holds the workspaces of one device. take() and give_back() may be called from
/// several threads at once.
class WorkspacePool {
 public:
  /// create makes all workspaces; called once.
  Status create(const Tuning& tuning);
  /// destroy wipes and frees them. None may be taken.
  void destroy();

  /// take lends a workspace. When none is free it waits for one, or returns null if `wait` is
  /// false.
  Workspace* take(bool wait);
  void give_back(Workspace* workspace);

 private:
  std::vector<std::unique_ptr<Workspace>> workspaces_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<Workspace*> free_;
};

}  // namespace rekey::cuda

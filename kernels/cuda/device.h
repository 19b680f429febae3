// SPDX-License-Identifier: Apache-2.0
//
// Owners of what the CUDA runtime hands out, and the question which devices there are.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "rekey/octets.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// DeviceReport says what a device is, or in plain words why it cannot be used.
struct DeviceReport {
  std::string description;
  std::string unavailable_reason;
};

/// count_devices returns how many devices the runtime sees. When there is none, `*out_reason` says
/// in plain words why. It creates nothing on a device.
int count_devices(std::string* out_reason);

/// describe_device asks the runtime about one device. It creates nothing on it.
DeviceReport describe_device(int device);

/// check_free_memory fails when the current device has less than `octets` octets left, by its own
/// count: other processes use it too.
Status check_free_memory(std::size_t octets);

/// find_pinned tells whether `octets`, which are not empty, begin and end in pinned memory.
Status find_pinned(ConstOctets octets, bool* out_pinned);

/// CurrentDevice makes a device the calling thread's own for as long as it lives, so that a program
/// that uses other devices keeps its own choice.
class CurrentDevice {
 public:
  explicit CurrentDevice(int device);
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;
  ~CurrentDevice();

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  int device_;
  int previous_;
  Status status_;
};

/// Stream owns a CUDA stream that does not wait for the default stream.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Everything enqueued must be done.
  ~Stream();

  /// create makes the stream; called once.
  Status create();
  [[nodiscard]] cudaStream_t get() const { return stream_; }
  /// synchronize waits for everything enqueued so far and returns the first failure in it.
  Status synchronize();

 private:
  cudaStream_t stream_ = nullptr;
};

/// Event owns a CUDA event, which marks a place in a stream.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  /// create makes the event; called once.
  Status create();
  /// record marks the place after everything enqueued on `stream` so far.
  Status record(const Stream& stream);
  /// synchronize waits until the stream has come to the mark and returns the first failure before
  /// it.
  Status synchronize();

 private:
  cudaEvent_t event_ = nullptr;
};

/// DeviceMemory owns memory on the device. Who puts keys there wipes them.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory() { free(); }

  /// allocate gets `octets` octets, aligned for any use; called once.
  Status allocate(std::size_t octets);
  /// free gives the memory back, after all work on the device is done. A second call does nothing.
  void free();
  [[nodiscard]] std::uint8_t* data() const { return data_; }

 private:
  std::uint8_t* data_ = nullptr;
};

/// PinnedMemory owns memory of the host that a device copies to and from on its own. Who puts keys
/// there wipes them.
class PinnedMemory {
 public:
  PinnedMemory() = default;
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  ~PinnedMemory();

  /// allocate gets `octets` octets, aligned to a page; called once.
  Status allocate(std::size_t octets);
  [[nodiscard]] std::uint8_t* data() const { return data_; }

 private:
  std::uint8_t* data_ = nullptr;
};

}  // namespace rekey::cuda

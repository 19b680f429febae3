// SPDX-License-Identifier: Apache-2.0
//
// Owners of what the CUDA runtime hands out, and the question whether there is a device at all.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "rekey/octets.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// The engine uses the first device.
inline constexpr int kDevice = 0;

/// DeviceReport says what the first device is, or in plain words why none can be used.
struct DeviceReport {
  std::string description;
  std::string unavailable_reason;
};

/// find_device asks the runtime. It creates nothing on the device.
DeviceReport find_device();

/// CurrentDevice makes kDevice the calling thread's device for as long as it lives, so that a
/// program that uses other devices keeps its own choice.
class CurrentDevice {
 public:
  CurrentDevice();
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;
  ~CurrentDevice();

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  int previous_ = kDevice;
  Status status_;
};

/// Stream owns a CUDA stream that does not wait for the default stream.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Waits for the work in it.
  ~Stream();

  /// create makes the stream; called once.
  Status create();
  [[nodiscard]] cudaStream_t get() const { return stream_; }
  /// synchronize waits for everything enqueued so far and returns the first failure in it.
  Status synchronize();

 private:
  cudaStream_t stream_ = nullptr;
};

/// DeviceBuffer owns device memory that may hold keys: what was used of it is wiped before it is
/// freed. All work on it is enqueued on one stream.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  ~DeviceBuffer();

  /// allocate gets `octets` octets, aligned for any use; called once. `stream` must outlive the
  /// buffer.
  Status allocate(std::size_t octets, const Stream& stream);

  /// use returns the memory and remembers that its first `octets` octets hold something.
  std::uint8_t* use(std::size_t octets);

  /// upload enqueues a copy from the host to the beginning of the buffer.
  Status upload(ConstOctets from);
  /// fill enqueues setting the first `octets` octets to `value`.
  Status fill(std::uint8_t value, std::size_t octets);
  /// download enqueues a copy of the beginning of the buffer to the host.
  Status download(Octets to) const;
  /// wipe enqueues zeroing everything in use, which then is nothing.
  Status wipe();

 private:
  cudaStream_t stream_ = nullptr;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t used_ = 0;
};

}  // namespace rekey::cuda

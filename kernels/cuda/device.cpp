// SPDX-License-Identifier: Apache-2.0
#include "cuda/device.h"

#include <algorithm>
#include <cassert>

#include "cuda/check.h"

namespace rekey::cuda {
namespace {

/// Real code is built for compute capability 8.0 and 9.0, and PTX for what comes after.
constexpr int kMinimumMajor = 8;

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Why the runtime found no device, from what it returned.
std::string no_device_reason(cudaError_t error) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess) driver = 0;
  cudaGetLastError();
  if (driver == 0) return "no CUDA device (no NVIDIA driver is installed)";
  if (error == cudaErrorInsufficientDriver) {
    return "the NVIDIA driver supports CUDA " + version_text(driver) + ", this build needs CUDA " +
           version_text(CUDART_VERSION);
  }
  if (error == cudaErrorNoDevice) return "no CUDA device (the NVIDIA driver sees none)";
  return "no CUDA device (" + std::string(cudaGetErrorString(error)) + ")";
}

}  // namespace

DeviceReport find_device() {
  int count = 0;
  if (cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess || count == 0) {
    return {"absent", no_device_reason(error == cudaSuccess ? cudaErrorNoDevice : error)};
  }
  cudaDeviceProp properties;
  if (Status s = check("cudaGetDeviceProperties", cudaGetDeviceProperties(&properties, kDevice));
      !s.ok()) {
    return {"absent", s.message()};
  }
  const std::string capability = "compute capability " + std::to_string(properties.major) + "." +
                                 std::to_string(properties.minor);
  DeviceReport report;
  report.description = std::string(properties.name) + " (" + capability + ")";
  if (properties.major < kMinimumMajor) {
    report.unavailable_reason = std::string(properties.name) + " has " + capability + ", " +
                                std::to_string(kMinimumMajor) + ".0 or later is needed";
  }
  return report;
}

CurrentDevice::CurrentDevice() {
  status_ = check("cudaGetDevice", cudaGetDevice(&previous_));
  if (status_.ok() && previous_ != kDevice) {
    status_ = check("cudaSetDevice", cudaSetDevice(kDevice));
  }
}

CurrentDevice::~CurrentDevice() {
  if (previous_ != kDevice) cudaSetDevice(previous_);
}

Stream::~Stream() {
  if (stream_ != nullptr) {
    cudaStreamSynchronize(stream_);
    cudaStreamDestroy(stream_);
  }
}

Status Stream::create() {
  return check("cudaStreamCreateWithFlags",
               cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

Status Stream::synchronize() {
  return check("cudaStreamSynchronize", cudaStreamSynchronize(stream_));
}

DeviceBuffer::~DeviceBuffer() {
  if (data_ == nullptr) return;
  if (used_ > 0 && wipe().ok()) cudaStreamSynchronize(stream_);
  cudaFree(data_);
}

Status DeviceBuffer::allocate(std::size_t octets, const Stream& stream) {
  void* memory = nullptr;
  Status status = check("cudaMalloc", cudaMalloc(&memory, octets));
  if (status.ok()) {
    data_ = static_cast<std::uint8_t*>(memory);
    size_ = octets;
    stream_ = stream.get();
  }
  return status;
}

std::uint8_t* DeviceBuffer::use(std::size_t octets) {
  assert(octets <= size_);
  used_ = std::max(used_, octets);
  return data_;
}

Status DeviceBuffer::upload(ConstOctets from) {
  return check("cudaMemcpyAsync", cudaMemcpyAsync(use(from.size()), from.data(), from.size(),
                                                  cudaMemcpyHostToDevice, stream_));
}

Status DeviceBuffer::fill(std::uint8_t value, std::size_t octets) {
  return check("cudaMemsetAsync", cudaMemsetAsync(use(octets), value, octets, stream_));
}

Status DeviceBuffer::download(Octets to) const {
  assert(to.size() <= size_);
  return check("cudaMemcpyAsync",
               cudaMemcpyAsync(to.data(), data_, to.size(), cudaMemcpyDeviceToHost, stream_));
}

Status DeviceBuffer::wipe() {
  if (used_ == 0) return {};
  Status status = check("cudaMemsetAsync", cudaMemsetAsync(data_, 0, used_, stream_));
  if (status.ok()) used_ = 0;
  return status;
}

}  // namespace rekey::cuda

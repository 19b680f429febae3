// SPDX-License-Identifier: Apache-2.0
#include "cuda/device.h"

#include "cuda/check.h"

namespace rekey::cuda {
namespace {

/// The oldest compute capability that this build has code for, times ten.
constexpr int kMinimumCapability = REKEY_CUDA_MINIMUM_CAPABILITY;

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string capability_text(int capability) {
  return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
}

std::string mebibytes_text(std::size_t octets) {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  return std::to_string((octets + kMebibyte - 1) / kMebibyte) + " MiB";
}

/// Why the runtime found no device, from what it returned.
std::string no_device_reason(cudaError_t error) {
  int driver = 0;
  const bool asked = cudaDriverGetVersion(&driver) == cudaSuccess;
  cudaGetLastError();
  if (asked && driver == 0) return "no CUDA device (no NVIDIA driver is installed)";
  if (error == cudaErrorInsufficientDriver) {
    return "the NVIDIA driver supports CUDA " + version_text(driver) + ", this build needs CUDA " +
           version_text(CUDART_VERSION);
  }
  if (error == cudaErrorNoDevice) return "no CUDA device (the NVIDIA driver sees none)";
  return "no CUDA device (" + std::string(cudaGetErrorString(error)) + ")";
}

}  // namespace

int count_devices(std::string* out_reason) {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess && count > 0) return count;
  *out_reason = no_device_reason(error == cudaSuccess ? cudaErrorNoDevice : error);
  return 0;
}

DeviceReport describe_device(int device) {
  cudaDeviceProp properties;
  if (Status s = check("cudaGetDeviceProperties", cudaGetDeviceProperties(&properties, device));
      !s.ok()) {
    return {"unknown", s.message()};
  }
  const int capability = properties.major * 10 + properties.minor;
  const std::string text = "compute capability " + capability_text(capability);
  DeviceReport report;
  report.description = std::string(properties.name) + " (" + text + ")";
  if (capability < kMinimumCapability) {
    report.unavailable_reason = std::string(properties.name) + " has " + text + ", " +
                                capability_text(kMinimumCapability) + " or later is needed";
  }
  return report;
}

Status check_free_memory(std::size_t octets) {
  std::size_t free = 0;
  std::size_t total = 0;
  if (Status s = check("cudaMemGetInfo", cudaMemGetInfo(&free, &total)); !s.ok()) return s;
  if (free >= octets) return {};
  return {Code::kUnavailable, mebibytes_text(octets) + " of device memory are needed, " +
                                  std::to_string(free >> 20) + " of " + mebibytes_text(total) +
                                  " are free"};
}

Status find_pinned(ConstOctets octets, bool* out_pinned) {
  *out_pinned = true;
  for (const std::uint8_t* octet : {&octets.front(), &octets.back()}) {
    cudaPointerAttributes attributes;
    if (Status s = check("cudaPointerGetAttributes", cudaPointerGetAttributes(&attributes, octet));
        !s.ok()) {
      return s;
    }
    *out_pinned &= attributes.type == cudaMemoryTypeHost;
  }
  return {};
}

CurrentDevice::CurrentDevice(int device) : device_(device), previous_(device) {
  status_ = check("cudaGetDevice", cudaGetDevice(&previous_));
  if (status_.ok() && previous_ != device_) {
    status_ = check("cudaSetDevice", cudaSetDevice(device_));
  }
}

CurrentDevice::~CurrentDevice() {
  if (previous_ != device_) cudaSetDevice(previous_);
}

Stream::~Stream() {
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

Status Stream::create() {
  return check("cudaStreamCreateWithFlags",
               cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

Status Stream::synchronize() {
  return check("cudaStreamSynchronize", cudaStreamSynchronize(stream_));
}

Event::~Event() {
  if (event_ != nullptr) cudaEventDestroy(event_);
}

Status Event::create() {
  return check("cudaEventCreateWithFlags",
               cudaEventCreateWithFlags(&event_, cudaEventDisableTiming));
}

Status Event::record(const Stream& stream) {
  return check("cudaEventRecord", cudaEventRecord(event_, stream.get()));
}

Status Event::synchronize() { return check("cudaEventSynchronize", cudaEventSynchronize(event_)); }

Status DeviceMemory::allocate(std::size_t octets) {
  void* memory = nullptr;
  Status status = check("cudaMalloc", cudaMalloc(&memory, octets));
  if (status.ok()) data_ = static_cast<std::uint8_t*>(memory);
  return status;
}

void DeviceMemory::free() {
  if (data_ != nullptr) cudaFree(data_);
  data_ = nullptr;
}

PinnedMemory::~PinnedMemory() {
  if (data_ != nullptr) cudaFreeHost(data_);
}

Status PinnedMemory::allocate(std::size_t octets) {
  void* memory = nullptr;
  Status status = check("cudaHostAlloc", cudaHostAlloc(&memory, octets, cudaHostAllocPortable));
  if (status.ok()) data_ = static_cast<std::uint8_t*>(memory);
  return status;
}

}  // namespace rekey::cuda

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime_double.h"

#include <dlfcn.h>

#include <cstdlib>

namespace rekey::test {
namespace {

/// What cudaGetLastError() returns of the failures made here.
thread_local cudaError_t last_error = cudaSuccess;

template <typename Function>
Function next(Function, const char* name) {
  const auto function = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
  if (function == nullptr) std::abort();
  return function;
}

/// Counts a call and decides whether it fails.
cudaError_t counted(const char* name) {
  RuntimeDouble& runtime = runtime_double();
  ++runtime.calls;
  const bool fails =
      runtime.failing_call != 0 && (runtime.calls == runtime.failing_call ||
                                    (runtime.lost && runtime.calls > runtime.failing_call));
  if (!fails) return cudaSuccess;
  runtime.failed.emplace_back(name);
  last_error = runtime.error;
  return runtime.error;
}

void on_stream(const char* name, cudaStream_t stream) {
  runtime_double().stream_calls.push_back({name, stream});
}

/// A call that gets memory.
template <typename Call>
cudaError_t got_memory(const char* name, void** memory, std::size_t octets, Call&& call) {
  RuntimeDouble& runtime = runtime_double();
  ++runtime.allocations;
  cudaError_t error = counted(name);
  if (error == cudaSuccess) error = call();
  if (error != cudaSuccess) return error;
  ++runtime.held;
  if (runtime.on_allocated) runtime.on_allocated(*memory, octets);
  return error;
}

/// A call that gives memory back, which is done even where it is made to fail.
template <typename Call>
cudaError_t gave_memory_back(const char* name, void* memory, Call&& call) {
  RuntimeDouble& runtime = runtime_double();
  const cudaError_t made = counted(name);
  --runtime.held;
  if (runtime.on_freed) runtime.on_freed(memory);
  const cudaError_t passed = call();
  return made == cudaSuccess ? passed : made;
}

/// A call that gets something.
cudaError_t got(cudaError_t error) {
  if (error == cudaSuccess) ++runtime_double().held;
  return error;
}

}  // namespace

RuntimeDouble& runtime_double() {
  static RuntimeDouble runtime;
  return runtime;
}

}  // namespace rekey::test

using rekey::test::counted;
using rekey::test::gave_memory_back;
using rekey::test::got;
using rekey::test::got_memory;
using rekey::test::last_error;
using rekey::test::next;
using rekey::test::on_stream;
using rekey::test::runtime_double;

#define REKEY_PASS_ON(name, arguments)                                              \
  static const auto pass_on = next(&name, #name);                                   \
  if (const cudaError_t error = counted(#name); error != cudaSuccess) return error; \
  return pass_on arguments

#define REKEY_GET(name, arguments)                                                  \
  static const auto pass_on = next(&name, #name);                                   \
  if (const cudaError_t error = counted(#name); error != cudaSuccess) return error; \
  return got(pass_on arguments)

#define REKEY_GIVE_BACK(name, arguments)          \
  static const auto pass_on = next(&name, #name); \
  const cudaError_t error = counted(#name);       \
  --runtime_double().held;                        \
  const cudaError_t passed = pass_on arguments;   \
  return error == cudaSuccess ? passed : error

extern "C" {

cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function);
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments,
                               std::size_t shared, cudaStream_t stream);

cudaError_t cudaGetDeviceCount(int* count) {
  static const auto pass_on = next(&cudaGetDeviceCount, "cudaGetDeviceCount");
  ++runtime_double().device_counts;
  if (const cudaError_t error = counted("cudaGetDeviceCount"); error != cudaSuccess) return error;
  if (const auto error = runtime_double().device_count_error) return *error;
  return pass_on(count);
}

cudaError_t cudaDriverGetVersion(int* version) {
  static const auto pass_on = next(&cudaDriverGetVersion, "cudaDriverGetVersion");
  if (const cudaError_t error = counted("cudaDriverGetVersion"); error != cudaSuccess) return error;
  if (const auto answer = runtime_double().driver_version) {
    *version = *answer;
    return cudaSuccess;
  }
  return pass_on(version);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  static const auto pass_on = next(&cudaGetDeviceProperties, "cudaGetDeviceProperties");
  if (const cudaError_t error = counted("cudaGetDeviceProperties"); error != cudaSuccess) {
    return error;
  }
  const cudaError_t error = pass_on(properties, device);
  if (const auto capability = runtime_double().capability; capability && error == cudaSuccess) {
    properties->major = *capability / 10;
    properties->minor = *capability % 10;
  }
  return error;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  static const auto pass_on = next(&cudaMemGetInfo, "cudaMemGetInfo");
  if (const cudaError_t error = counted("cudaMemGetInfo"); error != cudaSuccess) return error;
  const cudaError_t error = pass_on(free, total);
  if (const auto answer = runtime_double().free_octets; answer && error == cudaSuccess) {
    *free = *answer;
  }
  return error;
}

cudaError_t cudaGetLastError() {
  static const auto pass_on = next(&cudaGetLastError, "cudaGetLastError");
  const cudaError_t made = last_error;
  last_error = cudaSuccess;
  const cudaError_t passed = pass_on();
  return made == cudaSuccess ? passed : made;
}

cudaError_t cudaPeekAtLastError() {
  static const auto pass_on = next(&cudaPeekAtLastError, "cudaPeekAtLastError");
  return last_error == cudaSuccess ? pass_on() : last_error;
}

cudaError_t cudaGetDevice(int* device) { REKEY_PASS_ON(cudaGetDevice, (device)); }
cudaError_t cudaSetDevice(int device) { REKEY_PASS_ON(cudaSetDevice, (device)); }
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  REKEY_PASS_ON(cudaPointerGetAttributes, (attributes, pointer));
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  REKEY_PASS_ON(cudaDeviceGetAttribute, (value, attribute, device));
}
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  REKEY_PASS_ON(cudaFuncGetAttributes, (attributes, function));
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int* blocks, const void* function, int block_size, std::size_t shared, unsigned flags) {
  REKEY_PASS_ON(cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags,
                (blocks, function, block_size, shared, flags));
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  REKEY_GET(cudaStreamCreateWithFlags, (stream, flags));
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) { REKEY_GIVE_BACK(cudaStreamDestroy, (stream)); }
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  on_stream("cudaStreamSynchronize", stream);
  REKEY_PASS_ON(cudaStreamSynchronize, (stream));
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  REKEY_GET(cudaEventCreateWithFlags, (event, flags));
}
cudaError_t cudaEventDestroy(cudaEvent_t event) { REKEY_GIVE_BACK(cudaEventDestroy, (event)); }
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  on_stream("cudaEventRecord", stream);
  runtime_double().recorded[event] = stream;
  REKEY_PASS_ON(cudaEventRecord, (event, stream));
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  on_stream("cudaEventSynchronize", runtime_double().recorded[event]);
  REKEY_PASS_ON(cudaEventSynchronize, (event));
}

cudaError_t cudaMalloc(void** memory, std::size_t octets) {
  static const auto pass_on =
      next(static_cast<cudaError_t (*)(void**, std::size_t)>(&cudaMalloc), "cudaMalloc");
  return got_memory("cudaMalloc", memory, octets, [&] { return pass_on(memory, octets); });
}
cudaError_t cudaFree(void* memory) {
  static const auto pass_on = next(&cudaFree, "cudaFree");
  return gave_memory_back("cudaFree", memory, [&] { return pass_on(memory); });
}
cudaError_t cudaHostAlloc(void** memory, std::size_t octets, unsigned flags) {
  static const auto pass_on = next(
      static_cast<cudaError_t (*)(void**, std::size_t, unsigned)>(&cudaHostAlloc), "cudaHostAlloc");
  return got_memory("cudaHostAlloc", memory, octets,
                    [&] { return pass_on(memory, octets, flags); });
}
cudaError_t cudaFreeHost(void* memory) {
  static const auto pass_on = next(&cudaFreeHost, "cudaFreeHost");
  return gave_memory_back("cudaFreeHost", memory, [&] { return pass_on(memory); });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t octets, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const bool up = kind == cudaMemcpyHostToDevice;
  runtime_double().stream_calls.push_back(
      {up ? "upload" : "download", stream, up ? from : to, octets});
  REKEY_PASS_ON(cudaMemcpyAsync, (to, from, octets, kind, stream));
}
cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t octets, cudaStream_t stream) {
  on_stream("cudaMemsetAsync", stream);
  REKEY_PASS_ON(cudaMemsetAsync, (memory, value, octets, stream));
}
cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments,
                             std::size_t shared, cudaStream_t stream) {
  on_stream("cudaLaunchKernel", stream);
  REKEY_PASS_ON(cudaLaunchKernel, (function, grid, block, arguments, shared, stream));
}
cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* configuration, const void* function,
                                void** arguments) {
  on_stream("cudaLaunchKernelExC", configuration->stream);
  REKEY_PASS_ON(cudaLaunchKernelExC, (configuration, function, arguments));
}
cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function) {
  REKEY_PASS_ON(__cudaGetKernel, (kernel, function));
}
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments,
                               std::size_t shared, cudaStream_t stream) {
  on_stream("__cudaLaunchKernel", stream);
  REKEY_PASS_ON(__cudaLaunchKernel, (kernel, grid, block, arguments, shared, stream));
}

}  // extern "C"

// SPDX-License-Identifier: Apache-2.0
//
// Stands between the program it is linked into and the CUDA runtime: it counts the calls, makes
// chosen ones fail, answers as another machine would, and knows what was not given back.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rekey::test {

/// StreamCall is a call that enqueued work on a stream or waited for it.
struct StreamCall {
  std::string name;
  cudaStream_t stream;
  const void* host = nullptr;  ///< of a copy
  std::size_t octets = 0;      ///< of a copy
};

/// RuntimeDouble is the state of it. Its fields are set between calls, never during one.
struct RuntimeDouble {
  /// Which call fails, counted from 1; 0: none. A call that fails is not passed on.
  std::uint64_t failing_call = 0;
  /// Whether every later call fails too, as on a device that is gone. What gives something back is
  /// then still done, because this process will have no other way to do it.
  bool lost = false;
  cudaError_t error = cudaErrorLaunchFailure;

  /// What another machine would say.
  std::optional<cudaError_t> device_count_error;
  std::optional<int> driver_version;
  std::optional<int> capability;  ///< 75 for 7.5
  std::optional<std::size_t> free_octets;

  /// Called after memory was got, and before it is given back.
  std::function<void(void* memory, std::size_t octets)> on_allocated;
  std::function<void(void* memory)> on_freed;

  // What was seen.
  std::uint64_t calls = 0;
  std::uint64_t device_counts = 0;  ///< calls of cudaGetDeviceCount
  std::vector<std::string> failed;  ///< names, in order
  /// Streams, events and memory got and not given back.
  std::int64_t held = 0;
  std::int64_t allocations = 0;  ///< calls that got memory
  std::vector<StreamCall> stream_calls;
  std::map<cudaEvent_t, cudaStream_t> recorded;  ///< where each event was last recorded
};

RuntimeDouble& runtime_double();

}  // namespace rekey::test

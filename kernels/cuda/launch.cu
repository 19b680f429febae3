// SPDX-License-Identifier: Apache-2.0
#include "cuda/check.h"
#include "cuda/launch.h"
#include "cuda/tuning.h"
#include "profile/variants.h"

namespace rekey::cuda {
namespace {

__device__ Lanes lanes_here(std::uint32_t count) {
  return lanes_of(blockIdx.x, threadIdx.x, kThreadsPerBlock, count);
}

/// What ams_kernel is launched with.
struct AmsWork {
  AmsColumns columns;
  std::uint32_t demand;
};

// The width of a SAID does not matter to the steps of an AMS: one kernel serves both. The choices
// are single template arguments because nvcc cannot name a kernel whose argument is of class type.
template <Profile P, bool NonceFirst, bool MsidPrivacyOff>
__global__ void __launch_bounds__(kThreadsPerBlock)
    ams_kernel(const __grid_constant__ AmsWork work) {
  const Lanes lanes = lanes_here(work.columns.count);
  if (!lanes.has(0)) return;
  derive_ams<Variant{P, NonceFirst, 1, MsidPrivacyOff}>(work.columns, work.demand, lanes);
}

template <std::uint8_t SaidOctets>
__global__ void __launch_bounds__(kThreadsPerBlock)
    tek_kernel(const __grid_constant__ TekColumns columns) {
  const Lanes lanes = lanes_here(columns.count);
  if (lanes.has(0)) derive_teks<SaidOctets>(columns, lanes);
}

__global__ void __launch_bounds__(kThreadsPerBlock)
    cmac_kernel(const __grid_constant__ CmacColumns columns) {
  const Lanes lanes = lanes_here(columns.count);
  if (lanes.has(0)) cmac_messages(columns, lanes);
}

__global__ void __launch_bounds__(kCopyThreadsPerBlock)
    row_kernel(const __grid_constant__ RowWrite write) {
  const std::uint32_t unit = blockIdx.x * kCopyThreadsPerBlock + threadIdx.x;
  if (unit < write.units()) write_unit(write, unit);
}

/// Starts as many blocks of `threads` threads as `work` threads need.
template <typename Arguments>
Status launch_threads(void (*kernel)(Arguments), Arguments arguments, std::uint32_t work,
                      std::uint32_t threads, cudaStream_t stream) {
  void* pointers[] = {&arguments};
  return check("cudaLaunchKernel",
               cudaLaunchKernel(reinterpret_cast<const void*>(kernel),
                                (work + threads - 1) / threads, threads, pointers, 0, stream));
}

/// Starts a kernel whose threads take kAbreast of `count` entries each.
template <typename Arguments>
Status launch(void (*kernel)(Arguments), Arguments arguments, std::uint32_t count,
              cudaStream_t stream) {
  constexpr auto kEntries = static_cast<std::uint32_t>(kAbreast);
  return launch_threads(kernel, arguments, (count + kEntries - 1) / kEntries, kThreadsPerBlock,
                        stream);
}

struct LaunchAms {
  const AmsColumns& columns;
  cudaStream_t stream;

  template <Variant V>
  Status operator()() const {
    return launch<AmsWork>(ams_kernel<V.profile, V.nonce_first, V.msid_privacy_off>,
                           {columns, demand_of<V>(columns).slots()}, columns.count, stream);
  }
};

}  // namespace

Status probe_kernels() {
  cudaFuncAttributes attributes;
  return check("cudaFuncGetAttributes",
               cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(cmac_kernel)));
}

Status launch_ams(Profile profile, const ProfileOptions& options, const AmsColumns& columns,
                  cudaStream_t stream) {
  return profile::with_variant(profile, options, LaunchAms{columns, stream});
}

Status launch_teks(std::uint8_t said_octets, const TekColumns& columns, cudaStream_t stream) {
  return launch<TekColumns>(said_octets == 2 ? tek_kernel<2> : tek_kernel<1>, columns,
                            columns.count, stream);
}

Status launch_row_write(const RowWrite& write, cudaStream_t stream) {
  return launch_threads<RowWrite>(row_kernel, write, write.units(), kCopyThreadsPerBlock, stream);
}

Status launch_cmac(const CmacColumns& columns, cudaStream_t stream) {
  return launch<CmacColumns>(cmac_kernel, columns, columns.count, stream);
}

}  // namespace rekey::cuda

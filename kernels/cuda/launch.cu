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

template <typename Arguments>
Status launch(void (*kernel)(Arguments), Arguments arguments, std::uint32_t count,
              cudaStream_t stream) {
  constexpr std::uint32_t kPerBlock = kThreadsPerBlock * static_cast<std::uint32_t>(kAbreast);
  const std::uint32_t blocks = (count + kPerBlock - 1) / kPerBlock;
  void* pointers[] = {&arguments};
  return check("cudaLaunchKernel", cudaLaunchKernel(reinterpret_cast<const void*>(kernel), blocks,
                                                    kThreadsPerBlock, pointers, 0, stream));
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

Status launch_cmac(const CmacColumns& columns, cudaStream_t stream) {
  return launch<CmacColumns>(cmac_kernel, columns, columns.count, stream);
}

}  // namespace rekey::cuda

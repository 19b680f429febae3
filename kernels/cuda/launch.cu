// SPDX-License-Identifier: Apache-2.0
#include "cuda/check.h"
#include "cuda/launch.h"
#include "cuda/tuning.h"
#include "profile/variants.h"

namespace rekey::cuda {
namespace {

// The width of a SAID matters to the TEK step alone: one kernel serves both. The choices are single
// template arguments because nvcc cannot name a kernel whose argument is of class type.
template <Profile P, bool NonceFirst, bool MsidPrivacyOff>
__global__ void __launch_bounds__(kThreadsPerBlock)
    ams_kernel(const __grid_constant__ AmsColumns columns) {
  const std::uint32_t item = blockIdx.x * kThreadsPerBlock + threadIdx.x;
  if (item < columns.count) derive_ams<Variant{P, NonceFirst, 1, MsidPrivacyOff}>(columns, item);
}

template <std::uint8_t SaidOctets>
__global__ void __launch_bounds__(kThreadsPerBlock)
    tek_kernel(const __grid_constant__ TekColumns columns) {
  const std::uint32_t index = blockIdx.x * kThreadsPerBlock + threadIdx.x;
  if (index < columns.count) derive_teks<SaidOctets>(columns, index);
}

__global__ void __launch_bounds__(kThreadsPerBlock)
    cmac_kernel(const __grid_constant__ CmacColumns columns) {
  const std::uint32_t index = blockIdx.x * kThreadsPerBlock + threadIdx.x;
  if (index < columns.count) cmac_message(columns, index);
}

template <typename Columns>
Status launch(void (*kernel)(Columns), Columns columns, cudaStream_t stream) {
  const std::uint32_t blocks = (columns.count + kThreadsPerBlock - 1) / kThreadsPerBlock;
  void* arguments[] = {&columns};
  return check("cudaLaunchKernel", cudaLaunchKernel(reinterpret_cast<const void*>(kernel), blocks,
                                                    kThreadsPerBlock, arguments, 0, stream));
}

struct LaunchAms {
  const AmsColumns& columns;
  cudaStream_t stream;

  template <Variant V>
  Status operator()() const {
    return launch<AmsColumns>(ams_kernel<V.profile, V.nonce_first, V.msid_privacy_off>, columns,
                              stream);
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
  return launch<TekColumns>(said_octets == 2 ? tek_kernel<2> : tek_kernel<1>, columns, stream);
}

Status launch_cmac(const CmacColumns& columns, cudaStream_t stream) {
  return launch<CmacColumns>(cmac_kernel, columns, stream);
}

}  // namespace rekey::cuda

// SPDX-License-Identifier: Apache-2.0
#include <thrust/execution_policy.h>
#include <thrust/scan.h>

#include <exception>
#include <new>
#include <string>

#include "cuda/check.h"
#include "cuda/launch.h"

namespace rekey::cuda {
namespace {

/// Lends Thrust memory that is there already, so that a scan allocates nothing.
class ScratchAllocator {
 public:
  using value_type = char;

  ScratchAllocator(std::uint8_t* scratch, std::size_t octets) : scratch_(scratch), left_(octets) {}

  char* allocate(std::ptrdiff_t octets) {
    constexpr std::size_t kAlignment = 256;
    const std::size_t rounded =
        (static_cast<std::size_t>(octets) + kAlignment - 1) / kAlignment * kAlignment;
    if (rounded > left_) throw std::bad_alloc();
    char* lent = reinterpret_cast<char*>(scratch_);
    scratch_ += rounded;
    left_ -= rounded;
    return lent;
  }
  void deallocate(char*, std::size_t) {}

 private:
  std::uint8_t* scratch_;
  std::size_t left_;
};

}  // namespace

Status scan_sa_counts(const std::uint8_t* sa_counts, std::uint32_t items, std::uint32_t* first_sas,
                      std::uint8_t* scratch, std::size_t scratch_octets, cudaStream_t stream) {
  // Thrust reports errors as exceptions; none may leave the library.
  try {
    ScratchAllocator allocator(scratch, scratch_octets);
    thrust::exclusive_scan(thrust::cuda::par_nosync(allocator).on(stream), sa_counts,
                           sa_counts + items, first_sas, std::uint32_t{0});
  } catch (const std::exception& error) {
    cudaGetLastError();
    return {Code::kInternal, std::string("thrust::exclusive_scan: ") + error.what()};
  }
  return {};
}

}  // namespace rekey::cuda

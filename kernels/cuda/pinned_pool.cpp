// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "cuda/device.h"
#include "rekey/host_memory.h"

namespace rekey::cuda {
namespace {

std::pmr::memory_resource& plain() { return *std::pmr::new_delete_resource(); }

/// Slab is one piece of pinned memory that is given out once, from the front; what does not fit is
/// plain memory.
class Slab final : public std::pmr::memory_resource {
 public:
  explicit Slab(std::size_t octets) {
    if (octets > 0 && memory_.allocate(octets).ok()) octets_ = octets;
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

 private:
  void* do_allocate(std::size_t octets, std::size_t alignment) override {
    const std::lock_guard lock(mutex_);
    void* piece = memory_.data() + used_;
    std::size_t left = octets_ - used_;
    if (std::align(alignment, octets, piece, left) == nullptr) {
      return plain().allocate(octets, alignment);
    }
    used_ = octets_ - left + octets;
    return piece;
  }

  void do_deallocate(void* piece, std::size_t octets, std::size_t alignment) override {
    const auto* const octet = static_cast<const std::uint8_t*>(piece);
    const std::less<> before;
    const bool of_slab = !before(octet, memory_.data()) && before(octet, memory_.data() + octets_);
    if (!of_slab) plain().deallocate(piece, octets, alignment);
  }

  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  PinnedMemory memory_;
  std::size_t octets_ = 0;  ///< 0 where nothing could be pinned
  std::mutex mutex_;
  std::size_t used_ = 0;
};

/// PinnedPool reuses pieces of a slab. The standard library's pool takes a few pieces of a size
/// from the slab at a time, for each thread, and gives nothing back to it before the end; what is
/// too large to be reused never comes there.
class PinnedPool final : public std::pmr::memory_resource {
 public:
  explicit PinnedPool(std::size_t octets)
      : slab_(octets),
        pool_({.max_blocks_per_chunk = 1, .largest_required_pool_block = kLargestPiece}, &slab_) {}

 private:
  static constexpr std::size_t kLargestPiece = std::size_t{4} << 20;

  void* do_allocate(std::size_t octets, std::size_t alignment) override {
    return of(octets).allocate(octets, alignment);
  }
  void do_deallocate(void* piece, std::size_t octets, std::size_t alignment) override {
    of(octets).deallocate(piece, octets, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::pmr::memory_resource& of(std::size_t octets) {
    return octets > kLargestPiece ? plain() : pool_;
  }

  Slab slab_;
  std::pmr::synchronized_pool_resource pool_;
};

}  // namespace
}  // namespace rekey::cuda

namespace rekey {

std::unique_ptr<std::pmr::memory_resource> make_pinned_memory(std::size_t octets) {
  return std::make_unique<cuda::PinnedPool>(octets);
}

}  // namespace rekey

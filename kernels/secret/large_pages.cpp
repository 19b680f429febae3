// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <cstddef>

#include "rekey/host_memory.h"

namespace rekey {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;

/// Plain memory, of which long pieces begin with a large page.
class LargePages final : public std::pmr::memory_resource {
  static std::size_t aligned(std::size_t octets, std::size_t alignment) {
    return octets >= kLargePage && alignment < kLargePage ? kLargePage : alignment;
  }

  void* do_allocate(std::size_t octets, std::size_t alignment) override {
    void* const piece =
        std::pmr::new_delete_resource()->allocate(octets, aligned(octets, alignment));
#ifdef MADV_HUGEPAGE
    // Advice: where the system does not take it the pages are small ones. The last piece of a page
    // is left as it is, since what follows there belongs to others.
    if (octets >= kLargePage) madvise(piece, octets / kLargePage * kLargePage, MADV_HUGEPAGE);
#endif
    return piece;
  }

  void do_deallocate(void* piece, std::size_t octets, std::size_t alignment) override {
    std::pmr::new_delete_resource()->deallocate(piece, octets, aligned(octets, alignment));
  }

  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

}  // namespace

std::pmr::memory_resource* large_page_memory() {
  static LargePages memory;
  return &memory;
}

}  // namespace rekey

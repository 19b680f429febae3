// SPDX-License-Identifier: Apache-2.0
#include "gpu/device_ways.h"

namespace rekey::bench {
namespace {

WayKind absent(const char* name) {
  return {name, "absent", [](const CheckedBatch&, std::unique_ptr<Way>*) {
            return Status(Code::kUnavailable, "built without a CUDA toolkit");
          }};
}

}  // namespace

WayKind copies_alone() { return absent("copies"); }

WayKind kernel_alone() { return absent("kernel"); }

std::unique_ptr<std::pmr::memory_resource> pinned_pieces() {
  return std::make_unique<std::pmr::unsynchronized_pool_resource>();
}

}  // namespace rekey::bench

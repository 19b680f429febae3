// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/memory_store.h"

#include "service/contexts/store/conformance.h"

namespace rekey::contexts {
namespace {

class MemoryPlace final : public StorePlace {
 public:
  std::unique_ptr<ContextStore> open(std::size_t kept_events) override {
    return make_memory_store(kept_events);
  }
  [[nodiscard]] bool durable() const override { return false; }
};

INSTANTIATE_TEST_SUITE_P(Memory, ContextStoreTest,
                         testing::Values([] { return std::make_unique<MemoryPlace>(); }));

}  // namespace
}  // namespace rekey::contexts

// SPDX-License-Identifier: Apache-2.0
//
// Events of one write, put together in blocks: a database then keeps hundreds of times fewer
// entries in order. A block is under the number of its last event; the others count up to it. An
// event is its length, then its octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "contexts/store/context_store.h"

namespace rekey::contexts {

/// EventBlockWriter makes blocks of at most kMostEvents.
class EventBlockWriter {
 public:
  static constexpr std::size_t kMostEvents = 256;

  /// `put` is called with each block and the number of its last event.
  using Put = std::function<void(std::uint64_t last, const std::string& block)>;
  EventBlockWriter(std::uint64_t first_event, Put put) : next_(first_event), put_(std::move(put)) {}

  void add(std::string_view event);
  /// end puts what is left.
  void end();

 private:
  std::uint64_t next_;
  Put put_;
  std::string block_;
  std::size_t events_ = 0;
};

/// read_event_block appends the events of the block under `last` that come after `after`. False: it
/// is no such block.
bool read_event_block(std::string_view block, std::uint64_t last, std::uint64_t after,
                      std::vector<ContextEvent>* out_events);

}  // namespace rekey::contexts

// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/event_blocks.h"

#include <utility>

#include "contexts/store/big_endian.h"

namespace rekey::contexts {

void EventBlockWriter::add(std::string_view event) {
  block_ += to_big_endian(event.size());
  block_ += event;
  ++next_;
  if (++events_ == kMostEvents) end();
}

void EventBlockWriter::end() {
  if (events_ == 0) return;
  put_(next_ - 1, block_);
  block_.clear();
  events_ = 0;
}

bool read_event_block(std::string_view block, std::uint64_t last, std::uint64_t after,
                      std::vector<ContextEvent>* out_events) {
  std::vector<std::string_view> events;
  while (!block.empty()) {
    if (block.size() < kNumberOctets) return false;
    const std::uint64_t octets = from_big_endian(block);
    block.remove_prefix(kNumberOctets);
    if (block.size() < octets) return false;
    events.push_back(block.substr(0, octets));
    block.remove_prefix(octets);
  }
  if (events.size() > last) return false;
  std::uint64_t sequence = last - events.size();
  for (const std::string_view event : events) {
    if (++sequence > after) out_events->push_back({sequence, std::string(event)});
  }
  return true;
}

}  // namespace rekey::contexts

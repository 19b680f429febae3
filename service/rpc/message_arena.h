// SPDX-License-Identifier: Apache-2.0
//
// The size of arenas that hold the messages of one call.
#pragma once

#include <google/protobuf/arena.h>

#include <cstddef>

namespace rekey::rpc {

/// message_arena returns options for an arena on which one AMS fits the first block.
inline google::protobuf::ArenaOptions message_arena() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = std::size_t{1} << 10;
  options.max_block_size = std::size_t{1} << 16;
  return options;
}

}  // namespace rekey::rpc

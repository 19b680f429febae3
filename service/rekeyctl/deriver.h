// SPDX-License-Identifier: Apache-2.0
//
// What turns AMSs into keys for `derive`: a server or an engine in this process. Waves pass through
// in chunks, so that one of any length fits in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rekey/key_kind.h"
#include "rekey/status.h"
#include "wave/derived_keys.h"
#include "wave/wave.h"

namespace rekey::ctl {

/// Chunk is a piece of a wave on its way: its AMSs, then also their keys.
struct Chunk {
  explicit Chunk(const wave::Rules& rules) : wave(rules) {}

  wave::Wave wave;
  wave::DerivedKeys keys;
  std::string engine;  ///< what derived the keys
};

/// Wanted says which keys to derive, defaults spelled out.
struct Wanted {
  KeySet outputs;
  std::vector<std::uint16_t> tek_counters;
};

/// Deriver takes chunks in and gives them back, with keys, in the same order.
class Deriver {
 public:
  Deriver() = default;
  Deriver(const Deriver&) = delete;
  Deriver& operator=(const Deriver&) = delete;
  virtual ~Deriver() = default;

  /// How many chunks may have been submitted and not yet taken; at least 1.
  [[nodiscard]] virtual std::size_t window() const = 0;
  /// submit hands in a chunk, which is not empty and is lost when this fails. The caller keeps to
  /// window().
  virtual Status submit(std::unique_ptr<Chunk> chunk) = 0;
  /// take waits for the keys of the oldest chunk that was submitted and not yet taken; there is
  /// one. When it fails, none that follows will succeed.
  virtual Status take(std::unique_ptr<Chunk>* out_chunk) = 0;
};

}  // namespace rekey::ctl

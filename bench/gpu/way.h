// SPDX-License-Identifier: Apache-2.0
//
// What is timed: ways to derive a batch, and parts of one.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rekey/batch.h"
#include "rekey/status.h"

namespace rekey::bench {

/// Way does its work on one batch again and again.
class Way {
 public:
  Way() = default;
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;
  virtual ~Way() = default;

  /// run does the work once and returns when it is done.
  virtual Status run() = 0;
  /// keys returns what the last run() derived; null where it leaves none on the host.
  [[nodiscard]] virtual const BatchResult* keys() const { return nullptr; }
};

/// WayKind names a way, and makes one for a batch, which must outlive it.
struct WayKind {
  std::string name;
  std::string description;
  std::function<Status(const CheckedBatch& batch, std::unique_ptr<Way>* out_way)> make;
};

}  // namespace rekey::bench

// SPDX-License-Identifier: Apache-2.0
//
// The way of a wave through `derive`: cut into chunks, derived, verified, written in its order.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "rekeyctl/deriver.h"
#include "rekeyctl/verifier.h"
#include "wave/ams_record.h"
#include "wave/result_writer.h"

namespace rekey::ctl {

/// A chunk is complete at either limit, so that messages stay small whatever the AMSs are like.
inline constexpr std::size_t kChunkItems = 4'096;
inline constexpr std::size_t kChunkTeks = 1 << 16;
static_assert(kChunkItems <= kMaxBatchItems && kChunkTeks <= kMaxBatchTeks);

/// WaveTotals counts what came out.
struct WaveTotals {
  std::uint64_t items = 0;   ///< AMSs that came back, failed ones included
  std::uint64_t failed = 0;  ///< of these
  std::uint64_t keys = 0;
  std::set<std::string> engines;
};

/// DeriveWave takes AMSs one at a time.
class DeriveWave {
 public:
  /// All of these must outlive it; `verifier` may be null.
  DeriveWave(const wave::Rules& rules, const Wanted& wanted, Deriver& deriver, Verifier* verifier,
             wave::ResultWriter& writer)
      : rules_(rules), wanted_(wanted), deriver_(deriver), verifier_(verifier), writer_(writer) {}

  /// add takes one AMS. Errors are those of the deriver, the verifier and the writer; the first one
  /// ends the wave, and every later call returns it again.
  Status add(const wave::AmsRecord& record);
  /// finish waits for everything that was added. Errors as add().
  Status finish();

  [[nodiscard]] const WaveTotals& totals() const { return totals_; }

 private:
  Status submit();
  Status take();
  Status remember(Status status);

  wave::Rules rules_;
  Wanted wanted_;
  Deriver& deriver_;
  Verifier* verifier_;
  wave::ResultWriter& writer_;
  std::unique_ptr<Chunk> chunk_;
  std::size_t under_way_ = 0;
  WaveTotals totals_;
  Status failure_;
};

}  // namespace rekey::ctl

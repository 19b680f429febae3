// SPDX-License-Identifier: Apache-2.0
//
// Memory of one's own for a batch's input: where rows become columns, where the requests of several
// callers become one batch, and where sampled items are gathered for verification.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rekey/batch.h"
#include "rekey/secret.h"

namespace rekey {

/// AmsOctets is one AMS's input, as octets in the widths of the columns.
struct AmsOctets {
  ConstOctets pmk, msid, bsid, nonce, cmac_key_count, ak_sn;
  ConstOctets saids;  ///< flat, said_octets each
  std::uint8_t sa_count = 0;
};

/// InputColumns owns input columns and grows by appending, up to the size it was made for. Its
/// memory is wiped when freed.
class InputColumns {
 public:
  InputColumns() = default;
  /// Room for `items` AMSs with `sas` security associations together.
  InputColumns(Profile profile, const ProfileOptions& options, std::size_t items, std::size_t sas);

  /// append adds one AMS. Every span has its column's width.
  void append(const AmsOctets& ams);
  /// append_all adds all AMSs of a batch; a value for all is written out for each.
  void append_all(const CheckedBatch& batch);

  /// point_input sets the columns and the count of `*out_input`; the rest is left to the caller.
  /// The columns live as long as this object, also when it is moved.
  void point_input(BatchInput* out_input) const;

 private:
  SecretBuffer memory_;
  Octets pmk_, msid_, bsid_, nonce_, cmac_key_count_, ak_sn_, sa_counts_, saids_;  ///< in memory_
  std::size_t items_ = 0;
  std::size_t said_octets_ = 0;
};

/// same_kind returns an input without columns that may share a batch with `batch`: its profile,
/// options, counters and outputs. It refers to `batch`.
BatchInput same_kind(const CheckedBatch& batch);

/// ams_octets returns views of one item of a batch. `first_sa` is the number of SAs of the items
/// before it.
AmsOctets ams_octets(const CheckedBatch& batch, std::size_t item, std::size_t first_sa);

}  // namespace rekey

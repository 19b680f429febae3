// SPDX-License-Identifier: Apache-2.0
//
// AMSs whose PMK, MSID, nonce, AK_SN and SAIDs stay where an engine derives: in a GPU's own memory,
// or in wiped memory of the host. A handover then hands in a handle, a BSID and a CMAC_KEY_COUNT
// for each AMS; of the handle 4 octets travel to a device, 12 in all.
//
// A set holds AMSs of one profile under one choice of its options, and all its memory is got when
// it is made, for long: a device waits for all its work to give memory back. A handle names an AMS
// from the moment it was added until it is removed; afterwards it names nobody, for ever: no handle
// is used twice, so that a stale one never yields the keys of who came later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rekey/batch.h"
#include "rekey/engine.h"
#include "rekey/key_kind.h"
#include "rekey/octets.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey {

inline constexpr std::uint32_t kMaxContexts = 1 << 24;  ///< AMSs in one set

/// ContextsShape says what a set is for, and how much it holds.
struct ContextsShape {
  Profile profile = Profile::k16mDraft;
  ProfileOptions options = {};
  std::uint32_t capacity = 0;              ///< AMSs, 1 to kMaxContexts
  std::uint32_t most_sas = kMaxSasPerAms;  ///< security associations of one AMS, at most

  constexpr bool operator==(const ContextsShape&) const = default;
};

/// check_shape returns kInvalidArgument, naming the field, when no set can have that shape.
Status check_shape(const ContextsShape& shape);

/// ContextHandle names one AMS of one set. A default one names nobody. It holds no key, and is
/// taken at face value only for the room its TEKs need in a result.
struct ContextHandle {
  std::uint64_t serial = 0;   ///< never the same twice
  std::uint32_t slot = 0;     ///< where in the set
  std::uint8_t sa_count = 0;  ///< security associations of the AMS

  constexpr bool operator==(const ContextHandle&) const = default;
};

/// ContextInput is what a caller hands in to add AMSs, unchecked. Columns are as in BatchInput.
struct ContextInput {
  std::uint32_t count = 0;
  ConstOctets pmk, msid;
  ConstOctets nonce;  ///< empty where takes_nonce() is false
  ConstOctets ak_sn, sa_counts, saids;
};

/// CheckedContexts is a ContextInput that was found well formed, with a code for every AMS. It
/// refers to the input's columns, which must outlive it.
class CheckedContexts {
 public:
  [[nodiscard]] const ContextsShape& shape() const { return shape_; }
  [[nodiscard]] std::uint32_t count() const { return batch_.count(); }
  /// The columns; those that the input has not are one zero value for all.
  [[nodiscard]] const CheckedBatch& batch() const { return batch_; }
  /// One code an AMS: kOk or kInvalidArgument.
  [[nodiscard]] std::span<const Code> codes() const { return codes_; }
  /// Why an AMS was refused; empty for a good one.
  [[nodiscard]] std::string item_message(std::size_t item) const;

 private:
  friend Status check_contexts(const ContextsShape& shape, const ContextInput& input,
                               CheckedContexts* out_contexts);

  ContextsShape shape_;
  CheckedBatch batch_;
  std::vector<Code> codes_;
};

/// check_contexts is check_batch() for what is added to a set of `shape`. An AMS with more security
/// associations than the set has room for is a bad item.
Status check_contexts(const ContextsShape& shape, const ContextInput& input,
                      CheckedContexts* out_contexts);

/// HandoverInput is what a caller hands in to derive the keys of AMSs at a base station, unchecked.
/// With n the number of handles, a column holds n values or one for all. The same AMS may be named
/// several times.
struct HandoverInput {
  std::span<const ContextHandle> handles;
  ConstOctets bsid;                             ///< 6 octets each
  ConstOctets cmac_key_count;                   ///< 2 octets each, big-endian
  std::span<const std::uint16_t> tek_counters;  ///< as in BatchInput
  KeySet outputs;                               ///< empty: every kind the profile yields
};

/// CheckedHandover is a HandoverInput that was found well formed. It refers to the input's columns,
/// which must outlive it. Whether its handles name anybody shows only when keys are derived.
class CheckedHandover {
 public:
  [[nodiscard]] const ContextsShape& shape() const { return shape_; }
  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(input_.handles.size());
  }
  [[nodiscard]] std::span<const ContextHandle> handles() const { return input_.handles; }
  [[nodiscard]] Column<kBsidOctets> bsid() const {
    return {input_.bsid.data(), input_.bsid.size() == kBsidOctets};
  }
  [[nodiscard]] Column<kCmacKeyCountOctets> cmac_key_count() const {
    return {input_.cmac_key_count.data(), input_.cmac_key_count.size() == kCmacKeyCountOctets};
  }
  /// One count a handle.
  [[nodiscard]] ConstOctets sa_counts() const { return sa_counts_; }
  /// Security associations of all handles together, those that name nobody included.
  [[nodiscard]] std::uint32_t total_sas() const { return total_sas_; }
  /// 1 to 16 values; the default 0, 1 is spelled out.
  [[nodiscard]] std::span<const std::uint16_t> tek_counters() const { return tek_counters_; }
  /// Never empty: the default is spelled out.
  [[nodiscard]] KeySet outputs() const { return input_.outputs; }
  /// Octets of one result column: 0 when `kind` is not among the outputs.
  [[nodiscard]] std::size_t result_octets(KeyKind kind) const;

 private:
  friend Status check_handover(const ContextsShape& shape, const HandoverInput& input,
                               CheckedHandover* out_handover);

  ContextsShape shape_;
  HandoverInput input_;
  std::vector<std::uint8_t> sa_counts_;
  std::uint32_t total_sas_ = 0;
  std::vector<std::uint16_t> tek_counters_;
};

/// check_handover checks everything that can be wrong with a request to a set of `shape` but the
/// handles. Errors are those of check_batch(); on one `*out_handover` is left alone.
Status check_handover(const ContextsShape& shape, const HandoverInput& input,
                      CheckedHandover* out_handover);

/// ResidentContexts is a set of AMSs. All members may be called from several threads at once:
/// requests to derive run side by side, adding and removing wait for those under way.
class ResidentContexts {
 public:
  ResidentContexts(const ResidentContexts&) = delete;
  ResidentContexts& operator=(const ResidentContexts&) = delete;
  /// Wipes everything. Nothing may be running.
  virtual ~ResidentContexts();

  /// Where the AMSs are, for people: a device, or `host memory`.
  [[nodiscard]] virtual std::string description() const = 0;
  [[nodiscard]] const ContextsShape& shape() const { return shape_; }
  /// AMSs in the set.
  [[nodiscard]] std::uint32_t size() const;

  /// add puts the good items into the set and writes their handles; a bad item gets a handle that
  /// names nobody. Returns kInvalidArgument when `contexts` was checked for another shape or
  /// `out_handles` has not one place an item, kResourceExhausted when the set has not room for all
  /// good items, kInternal when the engine failed; then nothing was added, and all handles name
  /// nobody.
  Status add(const CheckedContexts& contexts, std::span<ContextHandle> out_handles);

  /// derive fills every column of `result` as Engine::derive() does and writes a code an item: kOk,
  /// or kNotFound where the handle names nobody; such an item gets zero octets. Returns
  /// kInvalidArgument when `handover` was checked for another shape or a column of `result` or
  /// `out_codes` has the wrong size; then nothing is written. On kInternal the engine failed, and
  /// every column of `result` is zero.
  Status derive(const CheckedHandover& handover, const BatchResult& result,
                std::span<Code> out_codes);

  /// remove takes AMSs out of the set and writes a code an item: kOk, or kNotFound where the handle
  /// names nobody (any more). Their memory is wiped when it returns. On kInternal they are removed
  /// all the same, but the wipe failed: it is tried again, and the memory not used for others
  /// before it succeeded. kInvalidArgument when `out_codes` has not one place a handle.
  Status remove(std::span<const ContextHandle> handles, std::span<Code> out_codes);

 protected:
  explicit ResidentContexts(const ContextsShape& shape);

  /// Rows are numbered 0 to capacity; the last one is that of nobody, and always zero.
  [[nodiscard]] std::uint32_t nobody() const { return shape_.capacity; }

 private:
  /// Writes items of `contexts` to rows of the set: `items[i]` to row `rows[i]`.
  virtual Status store(const CheckedContexts& contexts, std::span<const std::uint32_t> items,
                       std::span<const std::uint32_t> rows) = 0;
  /// Zeroes rows.
  virtual Status wipe_rows(std::span<const std::uint32_t> rows) = 0;
  /// Derives one item from each of `rows`. Sizes have been checked, and there is one at least.
  virtual Status derive_rows(const CheckedHandover& handover, std::span<const std::uint32_t> rows,
                             const BatchResult& result) = 0;

  Status wipe_retired();

  const ContextsShape shape_;
  struct State;
  const std::unique_ptr<State> state_;
};

/// make_resident_contexts makes a set that `engine`, which must outlive it, derives from. Before
/// that the engine derives every known answer through a set of its own: kFailedPrecondition when
/// one comes out wrong. kInvalidArgument names what is wrong with the shape, kUnavailable says why
/// the engine cannot run here or lacks the memory.
Status make_resident_contexts(Engine& engine, const ContextsShape& shape,
                              std::unique_ptr<ResidentContexts>* out_contexts);

/// make_host_contexts makes a set in wiped memory of the host, which gathers a batch and has
/// `engine` derive it. It serves engines that keep nothing themselves, and judges those that do.
std::unique_ptr<ResidentContexts> make_host_contexts(Engine& engine, const ContextsShape& shape);

}  // namespace rekey

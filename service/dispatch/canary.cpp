// SPDX-License-Identifier: Apache-2.0
#include "dispatch/canary.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rekey::dispatch {
namespace {

constexpr std::array<std::uint8_t, kPmkOctets> kPmk = {0xEA, 0x84, 0x87, 0xA0, 0xF6, 0xF4, 0xB3,
                                                       0x5F, 0xBD, 0xDB, 0x2F, 0x23, 0x2B, 0x77,
                                                       0x1D, 0x2F, 0x71, 0xFD, 0xDA, 0x94};
constexpr std::array<std::uint8_t, kMsidOctets> kMsid = {0x00, 0x1B, 0x11, 0xC9, 0xD5, 0x0C};
constexpr std::array<std::uint8_t, kBsidOctets> kBsid = {0x00, 0x00, 0x00, 0x00, 0x00, 0x05};
constexpr std::array<std::uint8_t, kNonceOctets> kNonce = {0x01, 0x02, 0x03, 0x04,
                                                           0x05, 0x06, 0x07, 0x08};
constexpr std::array<std::uint8_t, kCmacKeyCountOctets> kCmacKeyCount = {0x00, 0x01};
constexpr std::array<std::uint8_t, kAkSnOctets> kAkSn = {0x01};
constexpr std::array<std::uint8_t, 2> kSaid = {0x00, 0x01};

/// As few kinds of requests as come at one time.
constexpr std::size_t kMostKept = 16;

}  // namespace

Status Canary::make(const CheckedBatch& batch, Engine& referee) {
  const std::size_t sas = derived_keys(batch.profile()).contains(KeyKind::kTek) ? 1 : 0;
  AmsOctets ams;
  ams.pmk = kPmk;
  ams.msid = kMsid;
  ams.bsid = kBsid;
  if (takes_nonce(batch.profile(), batch.options())) ams.nonce = kNonce;
  ams.cmac_key_count = kCmacKeyCount;
  ams.ak_sn = kAkSn;
  ams.sa_count = static_cast<std::uint8_t>(sas);
  if (sas > 0) ams.saids = ConstOctets(kSaid).last(batch.options().said_octets);
  auto known = std::make_shared<Known>();
  known->columns = InputColumns(batch.profile(), batch.options(), 1, sas);
  known->columns.append(ams);
  BatchInput input = same_kind(batch);
  known->columns.point_input(&input);
  if (Status s = check_batch(input, &known->batch); !s.ok()) return s;
  known->expected = ResultColumns(known->batch);
  if (Status s = referee.derive(known->batch, known->expected.spans()); !s.ok()) return s;
  found_ = ResultColumns(known->batch);
  known_ = std::move(known);
  return {};
}

Canary Canary::again() const {
  Canary canary;
  canary.known_ = known_;
  canary.found_ = ResultColumns(known_->batch);
  return canary;
}

void Canary::hide(std::vector<Part>* parts, std::uint32_t lane) {
  auto part = parts->begin();
  for (; part != parts->end() && part->batch.count() <= lane; ++part) lane -= part->batch.count();
  if (lane > 0) {
    const std::uint32_t rest = part->batch.count() - lane;
    const std::size_t sas = part->batch.sa_count(0, lane);
    const std::size_t counters = part->batch.tek_counters().size();
    const ItemRange before{.items = lane, .sas = sas};
    const ItemRange behind{
        .first_item = lane, .items = rest, .first_sa = sas, .sas = part->batch.total_sas() - sas};
    Part second{part->batch.part(lane, rest), slice(part->result, behind, counters)};
    *part = {part->batch.part(0, lane), slice(part->result, before, counters)};
    part = parts->insert(std::next(part), std::move(second));
  }
  parts->insert(part, {known_->batch, found_.spans()});
}

bool Canary::right() { return equal(known_->expected.spans(), found_.spans()); }

Status Canaries::take(const CheckedBatch& batch, Engine& referee, Canary* out_canary) {
  const scheduler::GroupKey group = scheduler::GroupKey::of(batch);
  {
    const std::lock_guard lock(mutex_);
    const auto known = std::ranges::find(kept_, group, &Kept::group);
    if (known != kept_.end()) {
      *out_canary = known->canary.again();
      return {};
    }
  }
  if (Status s = out_canary->make(batch, referee); !s.ok()) return s;
  const std::lock_guard lock(mutex_);
  if (kept_.size() == kMostKept) kept_.pop_back();
  kept_.push_front({group, out_canary->again()});
  return {};
}

void Canaries::forget() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
}

}  // namespace rekey::dispatch

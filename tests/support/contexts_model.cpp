// SPDX-License-Identifier: Apache-2.0
#include "support/contexts_model.h"

#include <algorithm>

#include "rekey/engines.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

void append(const std::vector<std::uint8_t>& from, std::vector<std::uint8_t>* to) {
  to->insert(to->end(), from.begin(), from.end());
}

bool has_teks(Profile profile) { return derived_keys(profile).contains(KeyKind::kTek); }

}  // namespace

ContextInput context_input(const BatchColumns& columns) {
  const BatchInput input = columns.input();
  return {input.count, input.pmk,       input.msid, input.nonce,
          input.ak_sn, input.sa_counts, input.saids};
}

ContextsModel::ContextsModel(Engine& engine, const ContextsShape& shape, std::uint64_t seed)
    : shape_(shape), random_(seed), referee_(make_openssl_engine()) {
  if (Status s = engine.open_contexts(shape, &set_); !s.ok()) opening_ = s.message();
}

const ContextsModel::Known* ContextsModel::find(const ContextHandle& handle) const {
  const auto found = std::ranges::find(known_, handle, &Known::handle);
  return found == known_.end() ? nullptr : &*found;
}

ContextHandle ContextsModel::handle_of_nobody() {
  if (!stale_.empty() && below(2) == 0) {
    return stale_[below(static_cast<std::uint32_t>(stale_.size()))];
  }
  ContextHandle made_up;
  if (!known_.empty()) made_up = known_[below(static_cast<std::uint32_t>(known_.size()))].handle;
  switch (below(4)) {
    case 0:
      return {};
    case 1:
      made_up.serial ^= 1ULL << below(64);
      break;
    case 2:
      made_up.slot = shape_.capacity + below(3);
      break;
    default:
      made_up.sa_count ^= 0x80;
  }
  return made_up;
}

std::string ContextsModel::add(std::uint32_t most) {
  BatchShape batch_shape;
  batch_shape.variant = {shape_.profile, shape_.options};
  batch_shape.count = below(most + 1);
  batch_shape.sas = SaShape::kUnequal;
  batch_shape.max_sas = shape_.most_sas + 1;
  batch_shape.bad_percent = 10;
  const BatchColumns columns = BatchColumns::random(batch_shape, random_());
  CheckedContexts contexts;
  if (Status s = check_contexts(shape_, context_input(columns), &contexts); !s.ok()) {
    return "check_contexts: " + s.message();
  }
  const auto good = static_cast<std::size_t>(std::ranges::count(contexts.codes(), Code::kOk));
  const bool fits = known_.size() + good <= shape_.capacity;
  std::vector<ContextHandle> handles(columns.count, ContextHandle{1, 1, 1});
  const Status status = set_->add(contexts, handles);
  if (status.code() != (fits ? Code::kOk : Code::kResourceExhausted)) {
    return "add: " + std::to_string(static_cast<int>(status.code())) + " " + status.message();
  }
  for (std::size_t item = 0; item < handles.size(); ++item) {
    if (!fits || contexts.codes()[item] != Code::kOk) {
      if (handles[item] != ContextHandle()) return "a handle for an AMS that was not added";
      continue;
    }
    if (find(handles[item]) != nullptr) return "one handle for two AMSs";
    known_.push_back({handles[item], columns.item(item)});
  }
  return set_->size() == known_.size() ? "" : "size() after add()";
}

std::string ContextsModel::remove(std::uint32_t most) {
  std::vector<ContextHandle> handles;
  std::vector<Code> expected;
  for (std::uint32_t left = below(most + 1); left > 0; --left) {
    ContextHandle handle = handle_of_nobody();
    if (!known_.empty() && below(4) != 0) {
      handle = known_[below(static_cast<std::uint32_t>(known_.size()))].handle;
    }
    const Known* known = find(handle);
    expected.push_back(known == nullptr ? Code::kNotFound : Code::kOk);
    handles.push_back(handle);
    if (known == nullptr) continue;
    stale_.push_back(handle);
    known_.erase(known_.begin() + (known - known_.data()));
  }
  std::vector<Code> codes(handles.size());
  if (Status s = set_->remove(handles, codes); !s.ok()) return "remove: " + s.message();
  if (codes != expected) return "codes of remove()";
  return set_->size() == known_.size() ? "" : "size() after remove()";
}

void ContextsModel::append(const ContextHandle& handle, BatchColumns* to) {
  const Known* known = find(handle);
  BatchColumns ams;
  if (known != nullptr) {
    ams = known->ams;
  } else {
    ams.pmk.assign(kPmkOctets, 0);
    ams.msid.assign(kMsidOctets, 0);
    if (takes_nonce(shape_.profile, shape_.options)) ams.nonce.assign(kNonceOctets, 0);
    ams.ak_sn = {kMaxAkSn + 1};
    std::uint32_t sas = 0;
    if (has_teks(shape_.profile)) {
      sas = std::min<std::uint32_t>(handle.sa_count, shape_.most_sas);
      ams.sa_counts = {static_cast<std::uint8_t>(sas)};
    }
    ams.saids.assign(sas * shape_.options.said_octets, 0);
  }
  test::append(ams.pmk, &to->pmk);
  test::append(ams.msid, &to->msid);
  test::append(ams.nonce, &to->nonce);
  test::append(ams.ak_sn, &to->ak_sn);
  test::append(ams.sa_counts, &to->sa_counts);
  test::append(ams.saids, &to->saids);
  ++to->count;
}

std::string ContextsModel::derive(std::uint32_t most) {
  // Base stations, counts, TEK counters and outputs are those of a batch.
  BatchShape batch_shape;
  batch_shape.variant = {shape_.profile, shape_.options};
  batch_shape.count = below(most + 1);
  batch_shape.shared_bsid = below(2) == 0;
  batch_shape.shared_cmac_key_count = below(2) == 0;
  batch_shape.sas = SaShape::kNone;
  batch_shape.tek_counters = below(4);
  if (below(3) != 0) {
    const std::vector<KeySet> subsets = output_subsets(shape_.profile);
    batch_shape.outputs = subsets[below(static_cast<std::uint32_t>(subsets.size()))];
  }
  const BatchColumns request = BatchColumns::random(batch_shape, random_());

  std::vector<ContextHandle> handles;
  BatchColumns columns;
  columns.variant = request.variant;
  for (std::uint32_t i = 0; i < request.count; ++i) {
    const bool nobody = known_.empty() || below(5) == 0;
    handles.push_back(nobody ? handle_of_nobody()
                             : known_[below(static_cast<std::uint32_t>(known_.size()))].handle);
    append(handles.back(), &columns);
  }
  columns.bsid = request.bsid;
  columns.cmac_key_count = request.cmac_key_count;
  columns.tek_counters = request.tek_counters;
  columns.outputs = request.outputs;

  CheckedBatch batch;
  if (Status s = check_batch(columns.input(), &batch); !s.ok()) return "batch: " + s.message();
  const OwnedResult expected(batch);
  if (Status s = referee_->derive(batch, expected.result()); !s.ok()) return s.message();

  const BatchInput input = columns.input();
  CheckedHandover handover;
  if (Status s = check_handover(
          shape_, {handles, input.bsid, input.cmac_key_count, input.tek_counters, input.outputs},
          &handover);
      !s.ok()) {
    return "check_handover: " + s.message();
  }
  const OwnedResult found(batch);
  std::vector<Code> codes(handles.size(), Code::kInternal);
  if (Status s = set_->derive(handover, found.result(), codes); !s.ok()) {
    return "derive: " + s.message();
  }
  for (std::size_t item = 0; item < codes.size(); ++item) {
    const Code code = find(handles[item]) == nullptr ? Code::kNotFound : Code::kOk;
    if (codes[item] != code) return "the code of item " + std::to_string(item);
  }
  return first_difference(batch, expected, found);
}

std::string ContextsModel::live(unsigned steps, std::uint32_t most) {
  if (!opening_.empty()) return opening_;
  for (unsigned step = 0; step < steps; ++step) {
    for (const auto act : {&ContextsModel::add, &ContextsModel::derive, &ContextsModel::remove,
                           &ContextsModel::derive}) {
      if (std::string wrong = (this->*act)(most); !wrong.empty()) {
        return "step " + std::to_string(step) + ": " + wrong;
      }
    }
  }
  return {};
}

}  // namespace rekey::test

// SPDX-License-Identifier: Apache-2.0
#include "rekey/known_answers.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "known_answers/answers.h"
#include "rekey/secret.h"

namespace rekey {
namespace {

using known_answers::CmacAnswer;
using known_answers::DerivationAnswer;

/// Arrangement is a batch in which every `step`th item from `first` on is the known answer. The
/// others have other inputs, so that an engine that mixes up its lanes is noticed.
struct Arrangement {
  std::string_view name;
  std::uint32_t count;
  std::uint32_t first;
  std::uint32_t step;

  [[nodiscard]] bool is_answer(std::uint32_t item) const {
    return item >= first && (item - first) % step == 0;
  }
};

// 67 items: more than the lanes of any vector and more than one warp, and no multiple of either.
// Even and odd places together put the answer in every lane.
constexpr Arrangement kArrangements[] = {
    {"alone", 1, 0, 1},
    {"in the even places of 67", 67, 0, 2},
    {"in the odd places of 67", 67, 1, 2},
};

/// ItemColumn is a column under construction.
class ItemColumn {
 public:
  explicit ItemColumn(std::uint8_t tag) : tag_(tag) {}

  void append(ConstOctets value) { octets_.insert(octets_.end(), value.begin(), value.end()); }

  /// Appends octets that differ between items, columns and places.
  void append_filler(std::uint32_t item, std::size_t octets) {
    for (std::size_t i = 0; i < octets; ++i) {
      octets_.push_back(static_cast<std::uint8_t>(item * 37 + i * 11 + tag_));
    }
  }

  [[nodiscard]] ConstOctets octets() const { return octets_; }

 private:
  std::uint8_t tag_;
  std::vector<std::uint8_t> octets_;
};

/// DerivationColumns holds the input columns of an arrangement.
class DerivationColumns {
 public:
  DerivationColumns(const DerivationAnswer& answer, const Arrangement& arrangement) {
    for (std::uint32_t item = 0; item < arrangement.count; ++item) {
      if (arrangement.is_answer(item)) {
        append(answer);
      } else {
        append_filler(answer, item);
      }
    }
    input_.profile = answer.profile;
    input_.options = answer.options;
    input_.count = arrangement.count;
    input_.pmk = pmk_.octets();
    input_.msid = msid_.octets();
    input_.bsid = bsid_.octets();
    input_.nonce = nonce_.octets();
    input_.cmac_key_count = cmac_key_count_.octets();
    input_.ak_sn = ak_sn_.octets();
    input_.sa_counts = sa_counts_;
    input_.saids = saids_.octets();
  }
  DerivationColumns(const DerivationColumns&) = delete;
  DerivationColumns& operator=(const DerivationColumns&) = delete;

  /// Refers to this object.
  [[nodiscard]] const BatchInput& input() const { return input_; }

 private:
  void append(const DerivationAnswer& answer) {
    pmk_.append(answer.pmk.octets());
    msid_.append(answer.msid.octets());
    bsid_.append(answer.bsid.octets());
    nonce_.append(answer.nonce.octets());
    cmac_key_count_.append(answer.cmac_key_count.octets());
    ak_sn_.append(answer.ak_sn.octets());
    if (answer.said.octets().empty()) return;
    sa_counts_.push_back(1);
    saids_.append(answer.said.octets());
  }

  void append_filler(const DerivationAnswer& answer, std::uint32_t item) {
    pmk_.append_filler(item, kPmkOctets);
    msid_.append_filler(item, kMsidOctets);
    bsid_.append_filler(item, kBsidOctets);
    nonce_.append_filler(item, answer.nonce.octets().size());
    cmac_key_count_.append_filler(item, kCmacKeyCountOctets);
    const auto ak_sn = static_cast<std::uint8_t>(item % (kMaxAkSn + 1));
    ak_sn_.append(ConstOctets(&ak_sn, 1));
    if (answer.said.octets().empty()) return;
    const std::uint32_t sa_count = item % 3;
    sa_counts_.push_back(static_cast<std::uint8_t>(sa_count));
    for (std::uint32_t sa = 0; sa < sa_count; ++sa) {
      saids_.append_filler(item + sa, answer.said.octets().size());
    }
  }

  ItemColumn pmk_{1}, msid_{2}, bsid_{3}, nonce_{4}, cmac_key_count_{5}, ak_sn_{6}, saids_{7};
  std::vector<std::uint8_t> sa_counts_;
  BatchInput input_;
};

/// ResultColumns holds the result columns of a batch.
class ResultColumns {
 public:
  explicit ResultColumns(const CheckedBatch& batch) {
    for (KeyKind kind : kAllKeyKinds) {
      buffers_.emplace_back(batch.result_octets(kind));
      result_.set_column(kind, buffers_.back().octets());
    }
  }

  /// Refers to this object.
  [[nodiscard]] const BatchResult& result() const { return result_; }

 private:
  std::vector<SecretBuffer> buffers_;
  BatchResult result_;
};

Status wrong_key(std::string_view name, std::uint32_t item) {
  return {Code::kFailedPrecondition,
          std::string(name) + " is wrong (item " + std::to_string(item) + ")"};
}

/// Compares the answer's items with what is known.
Status compare(const DerivationAnswer& answer, const Arrangement& arrangement,
               const CheckedBatch& batch, const BatchResult& result) {
  std::size_t first_sa = 0;
  for (std::uint32_t item = 0; item < batch.count(); ++item) {
    if (arrangement.is_answer(item)) {
      for (const auto& key : std::span(answer.keys).first(answer.key_count)) {
        const ConstOctets expected = key.octets.octets();
        const std::size_t first =
            key.kind == KeyKind::kTek ? first_sa * expected.size() : item * expected.size();
        const ConstOctets found = result.column(key.kind).subspan(first, expected.size());
        if (!equal_constant_time(expected, found)) return wrong_key(to_string(key.kind), item);
      }
    }
    first_sa += batch.sa_count(item);
  }
  return {};
}

Status run(Engine& engine, const DerivationAnswer& answer, const Arrangement& arrangement,
           KeySet outputs) {
  const DerivationColumns columns(answer, arrangement);
  BatchInput input = columns.input();
  input.outputs = outputs;
  CheckedBatch batch;
  if (Status status = check_batch(input, &batch); !status.ok()) return status;
  const ResultColumns columns_out(batch);
  if (Status status = engine.derive(batch, columns_out.result()); !status.ok()) return status;
  return compare(answer, arrangement, batch, columns_out.result());
}

/// The keys that are known alone, then all keys of the profile.
Status run(Engine& engine, const DerivationAnswer& answer, const Arrangement& arrangement) {
  KeySet known;
  for (const auto& key : std::span(answer.keys).first(answer.key_count)) known.insert(key.kind);
  if (Status status = run(engine, answer, arrangement, known); !status.ok()) return status;
  return run(engine, answer, arrangement, derived_keys(answer.profile));
}

Status run(Engine& engine, const CmacAnswer& answer, const Arrangement& arrangement) {
  ItemColumn keys(8), messages(9);
  for (std::uint32_t item = 0; item < arrangement.count; ++item) {
    if (arrangement.is_answer(item)) {
      keys.append(answer.key.octets());
      messages.append(answer.message.octets());
    } else {
      keys.append_filler(item, kBlockOctets);
      messages.append_filler(item, answer.message.octets().size());
    }
  }
  SecretBuffer macs(arrangement.count * kBlockOctets);
  const CmacBatch batch = {arrangement.count, keys.octets(), messages.octets(),
                           answer.message.octets().size()};
  if (Status status = engine.cmac(batch, macs.octets()); !status.ok()) return status;
  for (std::uint32_t item = 0; item < arrangement.count; ++item) {
    if (!arrangement.is_answer(item)) continue;
    const ConstOctets found = macs.octets().subspan(item * kBlockOctets, kBlockOctets);
    if (!equal_constant_time(answer.mac.octets(), found)) return wrong_key("mac", item);
  }
  return {};
}

template <typename Answer>
Status run_arrangements(Engine& engine, const Answer& answer) {
  for (const Arrangement& arrangement : kArrangements) {
    if (Status status = run(engine, answer, arrangement); !status.ok()) {
      return {status.code(), std::string(arrangement.name) + ": " + status.message()};
    }
  }
  return {};
}

}  // namespace

std::vector<KnownAnswerResult> run_known_answers(Engine& engine) {
  std::vector<KnownAnswerResult> results;
  for (const CmacAnswer& answer : known_answers::kCmacAnswers) {
    results.push_back({std::string(answer.name), std::string(known_answers::kPublished),
                       run_arrangements(engine, answer)});
  }
  for (const DerivationAnswer& answer : known_answers::kDerivationAnswers) {
    results.push_back(
        {std::string(answer.name), std::string(answer.origin), run_arrangements(engine, answer)});
  }
  return results;
}

std::vector<KnownAnswerResult> run_known_answers(Engine& first, Engine& second) {
  std::vector<KnownAnswerResult> results = run_known_answers(first);
  const std::vector<KnownAnswerResult> others = run_known_answers(second);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status.ok()) results[i].status = others[i].status;
  }
  return results;
}

}  // namespace rekey

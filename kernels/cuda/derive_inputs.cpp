// SPDX-License-Identifier: Apache-2.0
#include "cuda/derive_inputs.h"

namespace rekey::cuda {
namespace {

template <std::size_t Width>
DeriveInputs::HostColumn host_column(const Column<Width>& column, InputColumn AmsColumns::*place) {
  return {place, column.data, Width, column.shared};
}

}  // namespace

DeriveInputs::DeriveInputs(const CheckedBatch& batch)
    : profile(batch.profile()),
      options(batch.options()),
      count(batch.count()),
      columns{host_column(batch.pmk(), &AmsColumns::pmk),
              host_column(batch.msid(), &AmsColumns::msid),
              host_column(batch.bsid(), &AmsColumns::bsid),
              host_column(batch.nonce(), &AmsColumns::nonce),
              host_column(batch.cmac_key_count(), &AmsColumns::cmac_key_count),
              host_column(batch.ak_sn(), &AmsColumns::ak_sn)},
      sa_counts(batch.sa_counts()),
      sas_of_each(count > 0 && sa_counts.empty() ? batch.sa_count(0) : 0),
      saids(batch.saids()),
      tek_counters(batch.tek_counters()),
      outputs(batch.outputs()) {}

DeriveInputs::DeriveInputs(const CheckedHandover& handover, const ContextRows& context_rows,
                           std::span<const std::uint32_t> numbers)
    : profile(handover.shape().profile),
      options(handover.shape().options),
      count(handover.count()),
      columns{host_column(handover.bsid(), &AmsColumns::bsid),
              host_column(handover.cmac_key_count(), &AmsColumns::cmac_key_count)},
      sa_counts(handover.sa_counts()),
      tek_counters(handover.tek_counters()),
      outputs(handover.outputs()),
      rows(context_rows),
      row_numbers(reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size_bytes()) {}

}  // namespace rekey::cuda

// SPDX-License-Identifier: Apache-2.0
//
// Where host code meets device code. Each function enqueues work on `stream` and returns at once;
// kInternal names the call that failed. Counts are not zero; columns are in device memory.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "cuda/ams.h"
#include "cuda/cmac.h"
#include "cuda/context_rows.h"
#include "cuda/tek.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// probe_kernels fails when the current device cannot run the kernels of this build.
Status probe_kernels();

/// launch_ams derives the keys that have a column, eight AMSs a thread. TEKs are among them when
/// `columns.sas` says so; unequal security associations are left to launch_teks().
Status launch_ams(Profile profile, const ProfileOptions& options, const AmsColumns& columns,
                  cudaStream_t stream);

/// launch_teks derives TEKs, eight security associations a thread.
Status launch_teks(std::uint8_t said_octets, const TekColumns& columns, cudaStream_t stream);

/// launch_cmac computes MACs, eight messages a thread.
Status launch_cmac(const CmacColumns& columns, cudaStream_t stream);

/// launch_row_write writes rows of resident AMSs.
Status launch_row_write(const RowWrite& write, cudaStream_t stream);

/// scan_sa_counts writes to `first_sas[i]` the sum of the first i counts. `scratch` is device
/// memory for the scan's own use.
Status scan_sa_counts(const std::uint8_t* sa_counts, std::uint32_t items, std::uint32_t* first_sas,
                      std::uint8_t* scratch, std::size_t scratch_octets, cudaStream_t stream);

}  // namespace rekey::cuda

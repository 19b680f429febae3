// SPDX-License-Identifier: Apache-2.0
//
// Whether a GPU pays.
#pragma once

#include "plan/planner.h"

namespace rekey::bench::plan {

/// judge_gpu compares servers without and with one `device` each, at loads of all sizes whose
/// requests are as in `load`. The device takes the whole derivation off the processors, which is
/// more than a real one does: the verdict is on its side.
GpuVerdict judge_gpu(const Network& network, const Machine& machine, const Device& device,
                     const CaseLoad& load);

}  // namespace rekey::bench::plan

// SPDX-License-Identifier: Apache-2.0
//
// Engines in this process.
#pragma once

#include <memory>
#include <string>

#include "rekey/engine.h"
#include "rekeyctl/deriver.h"

namespace rekey::ctl {

/// choose_engine returns the engine called `name` or, when `name` is empty, the first of the list
/// that may serve. Known answers are run before. Returns kInvalidArgument for an unknown name, and
/// the reason when the engine, or every engine, is refused.
Status choose_engine(const std::string& name, std::unique_ptr<Engine>* out_engine);

/// derive_keys derives the keys of a whole wave, of at most kMaxBatchItems AMSs, on `engine`.
Status derive_keys(Engine& engine, const Wanted& wanted, const wave::Wave& wave,
                   wave::DerivedKeys* out_keys);

/// make_local_deriver derives on `engine` in the calling thread.
std::unique_ptr<Deriver> make_local_deriver(std::unique_ptr<Engine> engine, Wanted wanted);

}  // namespace rekey::ctl

// SPDX-License-Identifier: Apache-2.0
//
// Batches that could trouble a GPU, derived by an engine and by the referee. The device code is put
// through the same ones on the host and as compiled kernels.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "rekey/engine.h"
#include "support/batch_builder.h"

namespace rekey::test {

/// disagreement derives a random batch of `shape` with `engine` and with the referee and says how
/// the results differ, or what failed; empty when they agree.
std::string disagreement(Engine& engine, const BatchShape& shape, std::uint64_t seed);
/// The same for the batch in `columns`.
std::string disagreement(Engine& engine, const BatchColumns& columns);

/// Each of these adds a test failure for every batch on which `engine` and the referee differ.
void expect_agreement_on_every_variant(Engine& engine);
void expect_agreement_on_every_subset_of_outputs(Engine& engine);
void expect_agreement_on_unequal_sas(Engine& engine);
void expect_agreement_on_equal_sas(Engine& engine);
void expect_agreement_on_columns_of_one(Engine& engine);
/// Batches of `sizes` items, in the default profile.
void expect_agreement_on_sizes(Engine& engine, std::initializer_list<std::uint32_t> sizes);

}  // namespace rekey::test

// SPDX-License-Identifier: Apache-2.0
//
// The list of engines, and the gate every engine passes before it serves.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "rekey/engine.h"
#include "rekey/known_answers.h"
#include "rekey/status.h"
#include "rekey/worker_pool.h"

namespace rekey {

/// make_engines creates every engine that may serve, the fastest kind first: those of
/// make_cuda_engines(), `simd`, `openssl` (the fast one). Engines that cannot run here are in the
/// list too and say why in unavailable_reason(). `pool` is as in make_simd_engine().
std::vector<std::unique_ptr<Engine>> make_engines(WorkerPool* pool = nullptr);

/// make_cuda_engine derives on the first CUDA device. Built without a CUDA toolkit, or on a machine
/// without a device, the engine is unavailable and says so.
std::unique_ptr<Engine> make_cuda_engine();

/// make_cuda_engines creates one engine for each CUDA device, named `cuda`, `cuda:1`, `cuda:2` and
/// so on: each is admitted and refused on its own. Where there is no device the list holds `cuda`
/// alone, which says why.
std::vector<std::unique_ptr<Engine>> make_cuda_engines();

/// make_simd_engine derives many AMSs abreast in the CPU's vectors. `target` names one of
/// simd_targets(); empty means the best this machine has. An unknown target, or one the machine
/// lacks, gives an engine that is unavailable and says so. Large batches are spread over `pool`,
/// which must outlive the engine; without one each is derived on the thread that calls.
std::unique_ptr<Engine> make_simd_engine(std::string_view target = {}, WorkerPool* pool = nullptr);

/// simd_targets names the instruction sets the vector engine was compiled for and this machine has,
/// best first, for example `AVX3_DL`, `AVX2`, `SSE4`.
std::vector<std::string_view> simd_targets();

// The two OpenSSL engines are written from the specification's formulas and share no derivation
// code with the other engines. Both are called `openssl`. They have the formulas in common but not
// the CMAC, so that each can be the judge of the other: an engine is never verified by itself.

/// make_openssl_engine is the referee, to the letter: OpenSSL's own CMAC (EVP_MAC), one after the
/// other.
std::unique_ptr<Engine> make_openssl_engine();

/// make_openssl_ecb_engine is the fast one: OpenSSL's AES-128-ECB under a CMAC of our own,
/// everything under one key together. It serves where nothing better can, and verifies the other
/// kinds of engines where every key is verified.
std::unique_ptr<Engine> make_openssl_ecb_engine();

/// admit decides whether an engine may serve: kUnavailable with the reason when it cannot run here,
/// kFailedPrecondition naming the first wrong known answer, else success.
Status admit(Engine& engine);

}  // namespace rekey

// SPDX-License-Identifier: Apache-2.0
#include "load/request_pool.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "rekey/engines.h"
#include "rekey/secret.h"
#include "rekey/v1/key_derivation.pb.h"
#include "rekeyctl/local_engine.h"
#include "rekeyctl/wire_chunk.h"
#include "wave/scenario.h"

namespace rekey::bench::load {
namespace {

constexpr std::size_t kMaxRequests = 512;
constexpr std::size_t kMinRequests = 4;
constexpr std::size_t kMaxAms = 65'536;

wave::Wave draw_wave(const Scenario& scenario, std::uint64_t seed, wave::Random* random) {
  const wave::Rules rules{kAllProfiles[scenario.profiles.draw(random)], {}};
  wave::WaveGenerator generator(wave::Scenario::kAbsOutage, seed, rules);
  wave::Wave wave(rules);
  for (std::uint64_t left = scenario.ams_per_request.draw(random); left > 0; --left) {
    wave::AmsRecord ams = generator.next();
    ams.reference.clear();
    const std::uint64_t sas = rules.has_teks() ? scenario.sas_per_ams.draw(random) : 0;
    ams.saids.resize(sas);
    std::iota(ams.saids.begin(), ams.saids.end(), std::uint16_t{1});
    wave.append(ams);
  }
  return wave;
}

template <typename Message>
std::string laid_out(const wave::Wave& wave, const ctl::Wanted& wanted) {
  Message message;
  ctl::fill_request(wave, wanted, &message);
  return message.SerializeAsString();
}

}  // namespace

Status RequestPool::make(const Scenario& scenario, std::unique_ptr<RequestPool>* out_pool) {
  const auto referee = make_openssl_engine();
  if (Status s = admit(*referee); !s.ok()) return s;
  auto pool = std::make_unique<RequestPool>();
  wave::Random random(scenario.seed);
  std::size_t ams = 0;
  while (pool->size() < kMinRequests || (pool->size() < kMaxRequests && ams < kMaxAms)) {
    Request request{draw_wave(scenario, scenario.seed + pool->size(), &random), {}, {}, {}};
    request.wanted.outputs = derived_keys(request.wave.rules().profile);
    if (request.wave.rules().has_teks()) request.wanted.tek_counters = {0, 1};
    if (scenario.method != Method::kContexts) {
      if (Status s = ctl::derive_keys(*referee, request.wanted, request.wave, &request.keys);
          !s.ok()) {
        return s;
      }
      request.message = scenario.method == Method::kRows
                            ? laid_out<v1::DeriveRequest>(request.wave, request.wanted)
                            : laid_out<v1::DeriveBatchRequest>(request.wave, request.wanted);
    }
    ams += request.wave.size();
    pool->requests_.push_back(std::move(request));
  }
  *out_pool = std::move(pool);
  return {};
}

Verdict RequestPool::judge(std::size_t request, const v1::DeriveBatchResponse& answer,
                           bool verified) const {
  Verdict verdict;
  verdict.failed_ams = static_cast<std::uint32_t>(
      answer.codes().size() - static_cast<std::size_t>(std::ranges::count(answer.codes(), '\0')));
  if (verified) verdict.wrong = compare(requests_[request], answer);
  return verdict;
}

Verdict RequestPool::judge(std::size_t request, const v1::DeriveResponse& answer,
                           bool verified) const {
  Verdict verdict;
  verdict.failed_ams = static_cast<std::uint32_t>(std::ranges::count_if(
      answer.items(), [](const v1::AmsKeys& keys) { return keys.code() != 0; }));
  if (verified) verdict.wrong = compare(requests_[request], answer);
  return verdict;
}

template <typename Answer>
std::string RequestPool::compare(const Request& request, const Answer& answer) const {
  ctl::Chunk chunk(request.wave.rules());
  chunk.wave = request.wave;
  if (Status s = ctl::take_response(answer, request.wanted, &chunk); !s.ok()) return s.message();
  for (std::size_t item = 0; item < request.wave.size(); ++item) {
    if (chunk.keys.code(item) != 0) continue;  // counted as failed
    for (const KeyKind kind : kAllKeyKinds) {
      if (!request.wanted.outputs.contains(kind)) continue;
      const bool teks = kind == KeyKind::kTek;
      if (!equal_constant_time(
              teks ? chunk.keys.teks(request.wave, item) : chunk.keys.key(kind, item),
              teks ? request.keys.teks(request.wave, item) : request.keys.key(kind, item))) {
        return std::string(to_string(kind)) + ": expected what OpenSSL derives, found another";
      }
    }
  }
  return {};
}

}  // namespace rekey::bench::load

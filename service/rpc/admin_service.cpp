// SPDX-License-Identifier: Apache-2.0
#include "rpc/admin_service.h"

#include <string>

#include "rpc/call_watch.h"
#include "rpc/status.h"
#include "rpc/version.h"
#include "wire/enums.h"
#include "wire/limits.h"
#include "wire/request.h"

namespace rekey::rpc {
namespace {

v1::EngineState state_to_wire(dispatch::EngineState state) {
  switch (state) {
    case dispatch::EngineState::kServing:
      return v1::ENGINE_STATE_SERVING;
    case dispatch::EngineState::kUnavailable:
      return v1::ENGINE_STATE_UNAVAILABLE;
    case dispatch::EngineState::kRefused:
      return v1::ENGINE_STATE_REFUSED;
  }
  return v1::ENGINE_STATE_UNSPECIFIED;
}

void profile_info(Profile profile, v1::ProfileInfo* out_info) {
  out_info->set_profile(wire::profile_to_wire(profile));
  out_info->set_name(std::string(to_string(profile)));
  const KeySet yields = derived_keys(profile);
  for (KeyKind kind : kAllKeyKinds) {
    if (yields.contains(kind)) out_info->add_yields(wire::key_kind_to_wire(kind));
  }
  // Only legacy-16e has answers that others published; the 16m profiles are our reading.
  out_info->set_published_answers(profile == Profile::kLegacy16e);
}

void engine_info(const dispatch::EngineStatus& status, v1::EngineInfo* out_info) {
  out_info->set_name(status.name);
  out_info->set_description(status.description);
  out_info->set_state(state_to_wire(status.state));
  out_info->set_reason(status.reason);
  out_info->set_preferred(status.preferred);
}

/// Ends the call once the observer has seen it.
grpc::ServerUnaryReactor* answer(grpc::CallbackServerContext* context, const CallWatch& watch,
                                 const grpc::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(watch.answering(status, nullptr, {}));
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* AdminService::GetCapabilities(grpc::CallbackServerContext* context,
                                                        const v1::GetCapabilitiesRequest*,
                                                        v1::GetCapabilitiesResponse* response) {
  const CallWatch watch(observer_, context, "Admin.GetCapabilities");
  response->set_version(kVersion);
  response->set_default_profile(wire::profile_to_wire(wire::kDefaultProfile));
  for (Profile profile : kAllProfiles) profile_info(profile, response->add_profiles());
  for (const dispatch::EngineStatus& status : pool_->status()) {
    engine_info(status, response->add_engines());
  }
  response->mutable_limits()->set_batch_items(wire::kMaxRequestItems);
  response->mutable_limits()->set_tek_counters(kMaxTekCounters);
  response->mutable_limits()->set_message_octets(wire::kMaxRequestMessageOctets);
  return answer(context, watch, grpc::Status::OK);
}

grpc::ServerUnaryReactor* AdminService::SelfTest(grpc::CallbackServerContext* context,
                                                 const v1::SelfTestRequest*,
                                                 v1::SelfTestResponse* response) {
  const CallWatch watch(observer_, context, "Admin.SelfTest");
  const std::unique_lock running(self_test_, std::try_to_lock);
  if (!running.owns_lock()) {
    return answer(context, watch,
                  {grpc::StatusCode::RESOURCE_EXHAUSTED, "a self-test is already running"});
  }
  for (const dispatch::SelfTestResult& result : pool_->self_test()) {
    v1::SelfTestResult* out_result = response->add_results();
    out_result->set_engine(result.engine);
    out_result->set_known_answer(result.answer.name);
    out_result->set_origin(result.answer.origin);
    out_result->set_passed(result.answer.status.ok());
    out_result->set_message(result.answer.status.message());
  }
  return answer(context, watch, grpc::Status::OK);
}

grpc::ServerUnaryReactor* AdminService::Drain(grpc::CallbackServerContext* context,
                                              const v1::DrainRequest*, v1::DrainResponse*) {
  const CallWatch watch(observer_, context, "Admin.Drain");
  const grpc::Status status = watch.answering(grpc::Status::OK, nullptr, {});
  if (status.ok()) actions_.drain();
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::PinEngine(grpc::CallbackServerContext* context,
                                                  const v1::PinEngineRequest* request,
                                                  v1::PinEngineResponse* response) {
  const CallWatch watch(observer_, context, "Admin.PinEngine");
  const Status status = pool_->pin(request->engine());
  if (status.ok()) actions_.follow_pin();
  for (const dispatch::EngineStatus& engine : pool_->status()) {
    engine_info(engine, response->add_engines());
  }
  return answer(context, watch, to_grpc(status));
}

grpc::ServerUnaryReactor* AdminService::GetMetrics(grpc::CallbackServerContext* context,
                                                   const v1::GetMetricsRequest*,
                                                   v1::GetMetricsResponse* response) {
  const CallWatch watch(observer_, context, "Admin.GetMetrics");
  response->set_text(actions_.metrics_text());
  return answer(context, watch, grpc::Status::OK);
}

}  // namespace rekey::rpc

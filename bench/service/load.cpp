// SPDX-License-Identifier: Apache-2.0
#include "service/load.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <utility>

#include "service/credentials.h"
#include "service/stream_load.h"
#include "service/unary_load.h"

namespace rekey::bench {
namespace {

std::shared_ptr<grpc::Channel> connect(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Each caller has a connection of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

}  // namespace

Status Load::open(const Shape& shape, const Target& target, const grpc::ByteBuffer& request,
                  std::unique_ptr<Load>* out_load) {
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (Status s = channel_credentials(target.tls, &credentials); !s.ok()) return s;
  if (shape.rpc == Rpc::kStream) {
    *out_load = std::make_unique<StreamLoad>(connect(target.address, credentials), target.method,
                                             request, shape.in_flight);
    return {};
  }
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  const std::uint32_t callers = shape.times_answers() ? shape.callers : 1;
  for (std::uint32_t i = 0; i < callers; ++i) {
    channels.push_back(connect(target.address, credentials));
  }
  const auto pace = shape.times_answers() ? UnaryLoad::Pace::kBursts : UnaryLoad::Pace::kSteady;
  *out_load = std::make_unique<UnaryLoad>(std::move(channels), target.method, request,
                                          shape.in_flight, pace);
  return {};
}

}  // namespace rekey::bench

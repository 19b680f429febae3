// SPDX-License-Identifier: Apache-2.0
#include "load/grpc_link.h"

#include <grpcpp/create_channel.h>

#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "load/grpc_calls.h"
#include "rekey/v1/key_derivation.pb.h"
#include "rekeyctl/channel.h"

namespace rekey::bench::load {
namespace {

constexpr char kStreamMethod[] = "/rekey.v1.KeyDerivation/DeriveStream";
constexpr std::uint8_t kVarintType = 0;
constexpr unsigned kVarintBits = 7;
constexpr std::uint8_t kMoreFollows = 0x80;

const char* unary_method(Method method) {
  return method == Method::kRows ? "/rekey.v1.KeyDerivation/Derive"
                                 : "/rekey.v1.KeyDerivation/DeriveBatch";
}

/// The field `sequence`. Messages of Protocol Buffers may be put together from pieces.
grpc::Slice sequence_slice(std::uint64_t sequence) {
  std::string octets;
  octets += static_cast<char>(v1::DeriveBatchRequest::kSequenceFieldNumber << 3 | kVarintType);
  for (; sequence >= kMoreFollows; sequence >>= kVarintBits) {
    octets += static_cast<char>(sequence | kMoreFollows);
  }
  octets += static_cast<char>(sequence);
  return grpc::Slice(octets);
}

/// One stream. It lives until gRPC is done with it and its owner has let go.
class StreamCall final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  explicit StreamCall(Hub* hub) : hub_(hub) {}

  void start(grpc::GenericStub* stub) {
    self_ = shared_from_this();
    hub_->enter(context_);
    stub->PrepareBidiStreamingCall(context_.get(), kStreamMethod, {}, this);
    AddHold();  // until there is nothing more to read: send() comes from outside
    StartRead(&response_);
    StartCall();
  }

  /// Returns false when the stream has ended and takes nothing more.
  bool send(const Job& job) {
    {
      const std::lock_guard lock(mutex_);
      if (ended_ || closing_) return false;
      waiting_.emplace(job.id, job);
      to_write_.push_back(job);
      if (writing_) return true;
      writing_ = true;
      AddHold();  // the stream may end before the write begins
    }
    write_first();
    RemoveHold();
    return true;
  }

  /// No more will be sent: the server ends the stream in its turn.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      if (ended_ || closing_) return;
      closing_ = true;
      if (writing_) return;  // what is being written comes first
      AddHold();
    }
    StartWritesDone();
    RemoveHold();
  }

  void OnWriteDone(bool ok) override {
    bool more = false;
    bool close = false;
    {
      const std::lock_guard lock(mutex_);
      to_write_.pop_front();
      more = writing_ = ok && !to_write_.empty();
      close = closing_ && !more;
    }
    if (more) write_first();
    if (close) StartWritesDone();
  }

  void OnReadDone(bool ok) override {
    const Clock::time_point at = Clock::now();
    v1::DeriveBatchResponse answer;
    if (ok && take(at, &answer)) return StartRead(&response_);
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    if (ok) context_->TryCancel();
    RemoveHold();
  }

  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<StreamCall> self = std::move(self_);
    // Nobody else reaches these once the stream has ended.
    for (const auto& [id, job] : waiting_) {
      hub_->failed(job, status.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE,
                                                   "the server ended the stream early")
                                    : status);
    }
    hub_->leave(std::move(context_));
  }

 private:
  void write_first() {
    const Job* job = nullptr;
    {
      const std::lock_guard lock(mutex_);
      job = &to_write_.front();  // stays where it is until it is written
    }
    const grpc::Slice slices[] = {slice_of(hub_->pool.message(job->request)),
                                  sequence_slice(job->id)};
    request_ = grpc::ByteBuffer(slices, 2);
    StartWrite(&request_);
  }

  /// Takes an answer; false when it answers nothing that was asked.
  bool take(Clock::time_point at, v1::DeriveBatchResponse* answer) {
    if (!parse(&response_, answer)) return false;
    Job job;
    {
      const std::lock_guard lock(mutex_);
      const auto asked = waiting_.find(answer->sequence());
      if (asked == waiting_.end()) return false;
      job = asked->second;
      waiting_.erase(asked);
    }
    hub_->answered(job, at, hub_->pool.judge(job.request, *answer, job.verified));
    return true;
  }

  Hub* hub_;
  std::shared_ptr<grpc::ClientContext> context_ = std::make_shared<grpc::ClientContext>();
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::shared_ptr<StreamCall> self_;
  std::mutex mutex_;
  std::deque<Job> to_write_;
  std::unordered_map<std::uint64_t, Job> waiting_;
  bool writing_ = false;
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace

class GrpcLink::Impl {
 public:
  Impl(const Scenario& scenario, const RequestPool& pool, Listener* listener)
      : hub(pool, listener), method(scenario.method), timeout(scenario.timeout) {}

  Hub hub;
  Method method;
  std::chrono::milliseconds timeout;
  std::size_t targets = 0;
  /// Of the first caller to each target, then of the second.
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  std::vector<std::shared_ptr<StreamCall>> streams;  ///< like the stubs; null: none is open

  /// `Answer` is the message that answers it.
  template <typename Answer>
  void send_unary(std::size_t way, const Job& job) {
    const auto on_end = [this, job](const grpc::Status& status, grpc::ByteBuffer* response) {
      const Clock::time_point at = Clock::now();
      if (!status.ok()) return hub.failed(job, status);
      Answer answer;
      Verdict verdict{0, "the answer: expected a message, found octets that are none"};
      if (parse(response, &answer)) verdict = hub.pool.judge(job.request, answer, job.verified);
      hub.answered(job, at, std::move(verdict));
    };
    UnaryCall::start(stubs[way].get(), unary_method(method), timeout,
                     slice_of(hub.pool.message(job.request)), &hub, on_end);
  }

  void send_on_stream(std::size_t way, const Job& job) {
    std::shared_ptr<StreamCall>& stream = streams[way];
    while (stream == nullptr || !stream->send(job)) {
      stream = std::make_shared<StreamCall>(&hub);
      stream->start(stubs[way].get());
    }
  }
};

/// A server that is not there by then may still come.
constexpr std::chrono::seconds kConnectPatience{5};

Status open_channels(const Targets& targets, std::uint32_t callers,
                     std::vector<std::shared_ptr<grpc::Channel>>* out_channels) {
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (Status s = ctl::client_credentials(targets.tls, &credentials); !s.ok()) return s;
  grpc::ChannelArguments arguments = ctl::client_arguments(targets.server_name);
  // Each caller has connections of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  for (std::uint32_t caller = 0; caller < callers; ++caller) {
    for (const std::string& address : targets.addresses) {
      out_channels->push_back(grpc::CreateCustomChannel(address, credentials, arguments));
      out_channels->back()->GetState(true);
    }
  }
  // Connections are made before the first request is due: gRPC goes on with them only while
  // somebody waits, and the first request of each would take as long as it takes to connect.
  const auto give_up = std::chrono::system_clock::now() + kConnectPatience;
  for (const std::shared_ptr<grpc::Channel>& channel : *out_channels) {
    grpc_connectivity_state state = channel->GetState(true);
    while ((state == GRPC_CHANNEL_IDLE || state == GRPC_CHANNEL_CONNECTING) &&
           channel->WaitForStateChange(state, give_up)) {
      state = channel->GetState(true);
    }
  }
  return {};
}

Status GrpcLink::open(const Targets& targets, const Scenario& scenario, const RequestPool& pool,
                      Listener* listener, std::unique_ptr<GrpcLink>* out_link) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  if (Status s = open_channels(targets, scenario.caller_count(), &channels); !s.ok()) return s;
  auto impl = std::make_unique<Impl>(scenario, pool, listener);
  impl->targets = targets.addresses.size();
  for (auto& channel : channels) {
    impl->stubs.push_back(std::make_unique<grpc::GenericStub>(std::move(channel)));
  }
  impl->streams.resize(impl->stubs.size());
  out_link->reset(new GrpcLink(std::move(impl)));
  return {};
}

GrpcLink::GrpcLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcLink::~GrpcLink() {
  for (const auto& stream : impl_->streams) {
    if (stream != nullptr) stream->close();
  }
  impl_->hub.wait_for(kGoodbyePatience);
  give_up();
  impl_->hub.wait();
}

void GrpcLink::send(const Job& job) {
  const std::size_t way = job.caller * impl_->targets + job.id % impl_->targets;
  switch (impl_->method) {
    case Method::kRows:
      return impl_->send_unary<v1::DeriveResponse>(way, job);
    case Method::kColumns:
      return impl_->send_unary<v1::DeriveBatchResponse>(way, job);
    case Method::kStream:
      return impl_->send_on_stream(way, job);
    case Method::kContexts:
      return;  // a ContextsLink's business
  }
}

void GrpcLink::give_up() { impl_->hub.give_up(); }

}  // namespace rekey::bench::load

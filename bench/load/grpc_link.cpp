// SPDX-License-Identifier: Apache-2.0
#include "load/grpc_link.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "rekey/v1/key_derivation.pb.h"
#include "rekeyctl/channel.h"

namespace rekey::bench::load {
namespace {

constexpr std::chrono::seconds kGoodbyePatience{2};
constexpr char kStreamMethod[] = "/rekey.v1.KeyDerivation/DeriveStream";
constexpr std::uint8_t kVarintType = 0;
constexpr unsigned kVarintBits = 7;
constexpr std::uint8_t kMoreFollows = 0x80;

const char* unary_method(Method method) {
  return method == Method::kRows ? "/rekey.v1.KeyDerivation/Derive"
                                 : "/rekey.v1.KeyDerivation/DeriveBatch";
}

/// The octets of the pool, not copied.
grpc::Slice slice_of(const std::string& message) {
  return {message.data(), message.size(), grpc::Slice::STATIC_SLICE};
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

template <typename Message>
bool parse(grpc::ByteBuffer* buffer, Message* message) {
  return grpc::SerializationTraits<Message>::Deserialize(buffer, message).ok();
}

/// What all calls of a link share.
class Hub {
  using Contexts = std::unordered_set<std::shared_ptr<grpc::ClientContext>>;

 public:
  Hub(const RequestPool& request_pool, Listener* told) : pool(request_pool), listener_(told) {}

  const RequestPool& pool;

  void enter(const std::shared_ptr<grpc::ClientContext>& context) {
    const std::lock_guard lock(mutex_);
    under_way_.insert(context);
    if (given_up_) context->TryCancel();  // not yet started: nobody is called back
  }
  /// Takes the caller's share of the context. A context keeps its channel, and gRPC's own thread,
  /// which calls this, must not be the one that ends the last channel: it would wait for itself.
  void leave(std::shared_ptr<grpc::ClientContext> context) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(context);
    context.reset();
    if (under_way_.empty()) all_left_.notify_all();
  }
  void give_up() {
    Contexts contexts;
    {
      const std::lock_guard lock(mutex_);
      given_up_ = true;
      contexts = under_way_;
    }
    // gRPC may call back from within, and that takes the lock.
    for (const auto& context : contexts) context->TryCancel();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    all_left_.wait(lock, [this] { return under_way_.empty(); });
  }
  void wait_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    all_left_.wait_for(lock, patience, [this] { return under_way_.empty(); });
  }

  void answered(const Job& job, Clock::time_point at, Verdict verdict) {
    listener_->ended({job, at, 0, {}, std::move(verdict)});
  }
  void failed(const Job& job, const grpc::Status& status) {
    const bool ours = status.error_code() == grpc::StatusCode::CANCELLED && given_up();
    listener_->ended(
        {job,
         Clock::now(),
         ours ? grpc::StatusCode::DEADLINE_EXCEEDED : status.error_code(),
         ours ? "no answer within the time that a request has" : status.error_message(),
         {}});
  }

 private:
  bool given_up() {
    const std::lock_guard lock(mutex_);
    return given_up_;
  }

  Listener* listener_;
  std::mutex mutex_;
  std::condition_variable all_left_;
  Contexts under_way_;
  bool given_up_ = false;
};

/// One unary call; deletes itself at its end. `Answer` is the message that answers it.
template <typename Answer>
class UnaryCall {
 public:
  static void start(grpc::GenericStub* stub, const char* method, std::chrono::milliseconds timeout,
                    const Job& job, Hub* hub) {
    auto* call = new UnaryCall(job, hub);
    call->context_->set_deadline(std::chrono::system_clock::now() + timeout);
    hub->enter(call->context_);
    stub->UnaryCall(call->context_.get(), method, {}, &call->request_, &call->response_,
                    [call](const grpc::Status& status) { call->end(status); });
  }

 private:
  UnaryCall(const Job& job, Hub* hub) : job_(job), hub_(hub) {
    const grpc::Slice slice = slice_of(hub->pool.message(job.request));
    request_ = grpc::ByteBuffer(&slice, 1);
  }

  void end(const grpc::Status& status) {
    const Clock::time_point at = Clock::now();
    if (!status.ok()) {
      hub_->failed(job_, status);
    } else {
      Answer answer;
      Verdict verdict{0, "the answer: expected a message, found octets that are none"};
      if (parse(&response_, &answer)) {
        verdict = hub_->pool.judge(job_.request, answer, job_.verified);
      }
      hub_->answered(job_, at, std::move(verdict));
    }
    Hub* const hub = hub_;
    auto context = std::move(context_);
    delete this;
    hub->leave(std::move(context));
  }

  Job job_;
  Hub* hub_;
  std::shared_ptr<grpc::ClientContext> context_ = std::make_shared<grpc::ClientContext>();
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

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

  void send_on_stream(std::size_t way, const Job& job) {
    std::shared_ptr<StreamCall>& stream = streams[way];
    while (stream == nullptr || !stream->send(job)) {
      stream = std::make_shared<StreamCall>(&hub);
      stream->start(stubs[way].get());
    }
  }
};

Status GrpcLink::open(const Targets& targets, const Scenario& scenario, const RequestPool& pool,
                      Listener* listener, std::unique_ptr<GrpcLink>* out_link) {
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (Status s = ctl::client_credentials(targets.tls, &credentials); !s.ok()) return s;
  grpc::ChannelArguments arguments = ctl::client_arguments(targets.server_name);
  // Each caller has connections of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto impl = std::make_unique<Impl>(scenario, pool, listener);
  impl->targets = targets.addresses.size();
  for (std::uint32_t caller = 0; caller < scenario.caller_count(); ++caller) {
    for (const std::string& address : targets.addresses) {
      auto channel = grpc::CreateCustomChannel(address, credentials, arguments);
      channel->GetState(true);  // connects before the first request is due
      impl->stubs.push_back(std::make_unique<grpc::GenericStub>(std::move(channel)));
    }
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
  grpc::GenericStub* stub = impl_->stubs[way].get();
  switch (impl_->method) {
    case Method::kRows:
      return UnaryCall<v1::DeriveResponse>::start(stub, unary_method(impl_->method), impl_->timeout,
                                                  job, &impl_->hub);
    case Method::kColumns:
      return UnaryCall<v1::DeriveBatchResponse>::start(stub, unary_method(impl_->method),
                                                       impl_->timeout, job, &impl_->hub);
    case Method::kStream:
      return impl_->send_on_stream(way, job);
  }
}

void GrpcLink::give_up() { impl_->hub.give_up(); }

}  // namespace rekey::bench::load

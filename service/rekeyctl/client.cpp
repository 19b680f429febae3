// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "rekey/v1/admin.grpc.pb.h"
#include "rekey/v1/key_derivation.grpc.pb.h"
#include "rekeyctl/channel.h"
#include "rekeyctl/wire_chunk.h"
#include "wire/wipe.h"

namespace rekey::ctl {
namespace {

constexpr std::chrono::seconds kAdminPatience{30};
constexpr std::chrono::seconds kGoodbyePatience{5};
// Enough that the server has work while the client reads, verifies and writes.
constexpr std::size_t kChunksInFlight = 8;

void give_up_after(std::chrono::seconds patience, grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + patience);
}

}  // namespace

/// One chunk at a time, by DeriveBatch or Derive.
class UnaryDeriver final : public Deriver {
 public:
  UnaryDeriver(const Channel& channel, Rpc rpc, Wanted wanted)
      : channel_(channel),
        rpc_(rpc),
        wanted_(std::move(wanted)),
        stub_(v1::KeyDerivation::NewStub(channel.get())) {}

  [[nodiscard]] std::size_t window() const override { return 1; }

  Status submit(std::unique_ptr<Chunk> chunk) override {
    chunk_ = std::move(chunk);
    using Stub = v1::KeyDerivation::Stub;
    if (rpc_ == Rpc::kRows) return call<v1::DeriveRequest, v1::DeriveResponse>(&Stub::Derive);
    return call<v1::DeriveBatchRequest, v1::DeriveBatchResponse>(&Stub::DeriveBatch);
  }

  Status take(std::unique_ptr<Chunk>* out_chunk) override {
    *out_chunk = std::move(chunk_);
    return {};
  }

 private:
  /// `Method` is the member of the stub that makes the call.
  template <typename Request, typename Response, typename Method>
  Status call(Method method) {
    Request request;
    Response response;
    grpc::ClientContext context;
    fill_request(chunk_->wave, wanted_, &request);
    Status status = channel_.status_of(((*stub_).*method)(&context, request, &response));
    if (status.ok()) {
      if (Status s = take_response(response, wanted_, chunk_.get()); !s.ok()) {
        status = channel_.broken(s.message());
      }
    }
    wire::wipe_secrets(&request);
    wire::wipe_secrets(&response);
    return status;
  }

  const Channel& channel_;
  Rpc rpc_;
  Wanted wanted_;
  std::unique_ptr<v1::KeyDerivation::Stub> stub_;
  std::unique_ptr<Chunk> chunk_;
};

/// Several chunks on their way at once. The caller's thread writes; a thread of its own reads,
/// since a server that cannot send its answers stops reading.
class StreamDeriver final : public Deriver {
 public:
  StreamDeriver(const Channel& channel, Wanted wanted)
      : channel_(channel),
        wanted_(std::move(wanted)),
        stub_(v1::KeyDerivation::NewStub(channel.get())),
        stream_(stub_->DeriveStream(&context_)),
        reader_([this] { read_answers(); }) {}

  ~StreamDeriver() override {
    if (!ends_by_itself()) context_.TryCancel();
    reader_.join();
  }

  [[nodiscard]] std::size_t window() const override { return kChunksInFlight; }

  Status submit(std::unique_ptr<Chunk> chunk) override {
    v1::DeriveBatchRequest request;
    fill_request(chunk->wave, wanted_, &request);
    request.set_sequence(next_sequence_++);
    {
      const std::lock_guard lock(mutex_);
      in_flight_.push_back({request.sequence(), std::move(chunk), false});
    }
    const bool written = stream_->Write(request);
    wire::wipe_secrets(&request);
    if (written) return {};
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
    return failure();
  }

  Status take(std::unique_ptr<Chunk>* out_chunk) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_.front().answered || ended_; });
    if (!in_flight_.front().answered) return failure();
    *out_chunk = std::move(in_flight_.front().chunk);
    in_flight_.pop_front();
    return {};
  }

 private:
  struct InFlight {
    std::uint64_t sequence = 0;
    std::unique_ptr<Chunk> chunk;
    bool answered = false;
  };

  /// After the last take() nothing is under way, and the server ends the stream in its turn.
  bool ends_by_itself() {
    std::unique_lock lock(mutex_);
    if (!in_flight_.empty()) return false;
    lock.unlock();
    stream_->WritesDone();
    lock.lock();
    return changed_.wait_for(lock, kGoodbyePatience, [this] { return ended_; });
  }

  void read_answers() {
    v1::DeriveBatchResponse response;
    Status broken;
    while (stream_->Read(&response)) {
      broken = accept(response);
      wire::wipe_secrets(&response);
      if (!broken.ok()) {
        context_.TryCancel();
        break;
      }
    }
    const Status end = channel_.status_of(stream_->Finish());
    const std::lock_guard lock(mutex_);
    end_ = broken.ok() ? end : broken;
    ended_ = true;
    changed_.notify_all();
  }

  Status accept(const v1::DeriveBatchResponse& response) {
    const std::lock_guard lock(mutex_);
    for (InFlight& waiting : in_flight_) {
      if (waiting.sequence != response.sequence() || waiting.answered) continue;
      if (Status s = take_response(response, wanted_, waiting.chunk.get()); !s.ok()) {
        return channel_.broken(s.message());
      }
      waiting.answered = true;
      changed_.notify_all();
      return {};
    }
    return channel_.broken("answer: expected the sequence of a request, found " +
                           std::to_string(response.sequence()));
  }

  /// Why no more answers come. The mutex is held.
  [[nodiscard]] Status failure() const {
    return end_.ok() ? channel_.broken("the server ended the stream early") : end_;
  }

  const Channel& channel_;
  Wanted wanted_;
  std::unique_ptr<v1::KeyDerivation::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::DeriveBatchRequest, v1::DeriveBatchResponse>>
      stream_;
  std::uint64_t next_sequence_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<InFlight> in_flight_;
  bool ended_ = false;
  Status end_;

  std::thread reader_;
};

Status Client::open(const ServerFlags& flags, std::unique_ptr<Client>* out_client) {
  std::unique_ptr<Channel> channel;
  if (Status s = Channel::open(flags, &channel); !s.ok()) return s;
  out_client->reset(new Client(std::move(channel)));
  return {};
}

Client::Client(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
Client::~Client() = default;

Status Client::health(bool* out_serving, std::string* out_word) {
  using grpc::health::v1::HealthCheckResponse;
  grpc::health::v1::HealthCheckRequest request;
  HealthCheckResponse response;
  grpc::ClientContext context;
  give_up_after(kAdminPatience, &context);
  const auto stub = grpc::health::v1::Health::NewStub(channel_->get());
  if (Status s = channel_->status_of(stub->Check(&context, request, &response)); !s.ok()) return s;
  *out_serving = response.status() == HealthCheckResponse::SERVING;
  *out_word = HealthCheckResponse::ServingStatus_Name(response.status());
  return {};
}

Status Client::capabilities(Capabilities* out_capabilities) {
  v1::GetCapabilitiesResponse response;
  grpc::ClientContext context;
  give_up_after(kAdminPatience, &context);
  const auto stub = v1::Admin::NewStub(channel_->get());
  Status status = channel_->status_of(stub->GetCapabilities(&context, {}, &response));
  if (status.ok()) *out_capabilities = capabilities_from_wire(response);
  return status;
}

Status Client::self_test(std::vector<SelfTestResult>* out_results) {
  v1::SelfTestResponse response;
  grpc::ClientContext context;
  give_up_after(kAdminPatience, &context);
  const auto stub = v1::Admin::NewStub(channel_->get());
  if (Status s = channel_->status_of(stub->SelfTest(&context, {}, &response)); !s.ok()) return s;
  for (const v1::SelfTestResult& result : response.results()) {
    out_results->push_back({result.engine(), result.known_answer(), result.origin(),
                            result.passed(), result.message()});
  }
  return {};
}

Status Client::metrics(std::string* out_text) {
  v1::GetMetricsResponse response;
  grpc::ClientContext context;
  give_up_after(kAdminPatience, &context);
  const auto stub = v1::Admin::NewStub(channel_->get());
  const Status status = channel_->status_of(stub->GetMetrics(&context, {}, &response));
  if (status.ok()) *out_text = response.text();
  return status;
}

Status Client::drain() {
  v1::DrainResponse response;
  grpc::ClientContext context;
  give_up_after(kAdminPatience, &context);
  const auto stub = v1::Admin::NewStub(channel_->get());
  return channel_->status_of(stub->Drain(&context, {}, &response));
}

Status Client::pin_engine(const std::string& engine) {
  v1::PinEngineRequest request;
  v1::PinEngineResponse response;
  grpc::ClientContext context;
  give_up_after(kAdminPatience, &context);
  request.set_engine(engine);
  const auto stub = v1::Admin::NewStub(channel_->get());
  return channel_->status_of(stub->PinEngine(&context, request, &response));
}

std::unique_ptr<Deriver> Client::make_deriver(Rpc rpc, Wanted wanted) {
  if (rpc == Rpc::kStream) return std::make_unique<StreamDeriver>(*channel_, std::move(wanted));
  return std::make_unique<UnaryDeriver>(*channel_, rpc, std::move(wanted));
}

}  // namespace rekey::ctl

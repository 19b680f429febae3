// SPDX-License-Identifier: Apache-2.0
#include "rpc/stream_call.h"

#include <tuple>
#include <utility>

#include "rpc/status.h"
#include "wire/columns.h"
#include "wire/limits.h"
#include "wire/wipe.h"

namespace rekey::rpc {

/// Request is one request of the stream with its answer. Both are wiped when it goes.
class StreamCall::Request final : public dispatch::Job {
 public:
  Request(StreamCall* stream, Number number)
      : number_(number), stream_(stream), watch_(stream->info_.watch) {}
  ~Request() override {
    wire::wipe_secrets(&request);
    wire::wipe_secrets(&response);
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  [[nodiscard]] const CheckedBatch& batch() const override { return columns.batch; }
  [[nodiscard]] scheduler::Priority priority() const override { return columns.priority; }
  BatchResult begin_results() override {
    return wire::begin_columns_response(request, columns.batch, &response);
  }
  [[nodiscard]] std::string_view caller() const override { return stream_->info_.caller; }
  [[nodiscard]] std::uint64_t deadline_us() const override { return stream_->info_.deadline_us; }
  void done(const dispatch::Ending& ending) override {
    served_to_wire(ending.served, response.mutable_served());
    stream_->answer(*this, answering(ended(ending.outcome), &columns.batch, ending.served));
  }

  [[nodiscard]] Number number() const { return number_; }
  /// arrived begins to watch: the request was read.
  void arrived() { watch_.restart(); }
  /// answering returns what the request is to end with. `checked` is null when it was refused
  /// unread.
  [[nodiscard]] grpc::Status answering(const grpc::Status& status, const CheckedBatch* checked,
                                       const dispatch::Served& served = {}) const {
    return watch_.answering(status, checked, served);
  }

  v1::DeriveBatchRequest request;
  v1::DeriveBatchResponse response;
  wire::ColumnsRequest columns;
  /// What the dispatcher knows it by; 0 until it has said so.
  scheduler::WorkId id = 0;

 private:
  Number number_;
  StreamCall* stream_;
  CallWatch watch_;
};

StreamCall::StreamCall(dispatch::Dispatcher* dispatcher, CallInfo info,
                       std::function<void(StreamCall*)> on_done)
    : dispatcher_(dispatcher), info_(std::move(info)), on_done_(std::move(on_done)) {
  const std::lock_guard lock(mutex_);
  std::ignore = advance_locked();
}

StreamCall::~StreamCall() = default;

void StreamCall::end(const grpc::Status& status) {
  std::unique_lock lock(mutex_);
  end_locked(status);
  const bool finish = advance_locked();
  lock.unlock();
  if (finish) Finish(*end_);
}

void StreamCall::OnReadDone(bool ok) {
  std::unique_lock lock(mutex_);
  std::unique_ptr<Request> request = std::move(reading_);
  if (!ok) {
    end_locked(grpc::Status::OK);
  } else if (!end_) {
    accept(std::move(request), &lock);
  }
  const bool finish = advance_locked();
  lock.unlock();
  if (finish) Finish(*end_);
}

void StreamCall::accept(std::unique_ptr<Request> request, std::unique_lock<std::mutex>* lock) {
  request->arrived();
  if (const std::uint32_t count = request->request.count(); count > 0) {
    // Work that will not be done is not looked at: a refusal must cost less than an answer.
    const scheduler::Answer preview = dispatcher_->preview(info_.caller, count);
    if (!preview.accepted()) {
      end_locked(request->answering(refusal(preview), nullptr));
      return;
    }
  }
  if (const Status status = wire::check_columns(request->request, &request->columns);
      !status.ok()) {
    end_locked(request->answering(to_grpc(status), nullptr));
    return;
  }
  Request* job = request.get();
  const std::uint32_t items = job->batch().count();
  if (items == 0) {
    job->begin_results();
    served_to_wire({}, job->response.mutable_served());
    const grpc::Status seen = job->answering(grpc::Status::OK, &job->batch());
    if (seen.ok()) {
      answered_.push_back(std::move(request));
    } else {
      end_locked(seen);
    }
    return;
  }
  const Number number = job->number();
  accepted_.emplace(number, std::move(request));
  unanswered_items_ += items;
  // This thread may be the one to derive it; another reads on meanwhile.
  read_locked();
  lock->unlock();
  scheduler::WorkId id = 0;
  const scheduler::Answer answer = dispatcher_->submit(job, &id, dispatch::Where::kHere);
  lock->lock();
  // It may have been answered since.
  const auto found = accepted_.find(number);
  if (answer.accepted()) {
    if (found != accepted_.end()) found->second->id = id;
    return;
  }
  end_locked(job->answering(refusal(answer), &job->batch()));
  accepted_.erase(found);
  unanswered_items_ -= items;
}

void StreamCall::answer(const Request& request, const grpc::Status& status) {
  std::unique_lock lock(mutex_);
  const auto found = accepted_.find(request.number());
  if (status.ok() && !cancelled_) {
    answered_.push_back(std::move(found->second));
  } else {
    unanswered_items_ -= request.batch().count();
    if (!status.ok()) end_locked(status);
  }
  accepted_.erase(found);
  const bool finish = advance_locked();
  lock.unlock();
  if (finish) Finish(*end_);
}

void StreamCall::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  unanswered_items_ -= writing_->batch().count();
  writing_.reset();
  // No later write can succeed either.
  if (!ok) cancelled_ = true;
  const bool finish = advance_locked();
  lock.unlock();
  if (finish) Finish(*end_);
}

void StreamCall::OnCancel() {
  std::unique_lock lock(mutex_);
  cancelled_ = true;
  const bool finish = advance_locked();
  lock.unlock();
  if (finish) Finish(*end_);
}

void StreamCall::OnDone() {
  on_done_(this);
  delete this;
}

void StreamCall::end_locked(const grpc::Status& status) {
  // The first error counts, also when the client said before that it has nothing more to send.
  if (!finished_ && (!end_ || end_->ok())) end_ = status;
}

void StreamCall::read_locked() {
  const std::size_t unanswered = accepted_.size() + answered_.size() + (writing_ ? 1 : 0);
  if (end_ || reading_ || unanswered >= wire::kMaxStreamRequests ||
      unanswered_items_ >= wire::kMaxStreamItems) {
    return;
  }
  reading_ = std::make_unique<Request>(this, next_number_++);
  StartRead(&reading_->request);
}

bool StreamCall::advance_locked() {
  if (finished_) return false;
  if (cancelled_) {
    end_locked(grpc::Status::CANCELLED);
    std::erase_if(accepted_, [this](const auto& entry) {
      const Request& request = *entry.second;
      if (!dispatcher_->cancel(request.id)) return false;
      // Nobody is there to be answered, but observers are told.
      std::ignore = request.answering(ended(scheduler::Outcome::kCancelled), &request.batch());
      return true;
    });
    answered_.clear();
  }
  read_locked();
  if (!writing_ && !answered_.empty()) {
    writing_ = std::move(answered_.front());
    answered_.pop_front();
    StartWrite(&writing_->response);
  }
  finished_ = end_ && accepted_.empty() && answered_.empty() && !writing_;
  return finished_;
}

}  // namespace rekey::rpc

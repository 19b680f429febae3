// SPDX-License-Identifier: Apache-2.0
#include "rpc/stream_call.h"

#include <tuple>
#include <utility>

#include "rpc/columns_message.h"
#include "rpc/status.h"
#include "wire/limits.h"

namespace rekey::rpc {
namespace {

/// So many answers are sent together at most: by then what a system call costs hardly shows, and
/// the client has something to do.
constexpr std::size_t kMostTogether = 8;

}  // namespace

/// Request is one request of the stream with its answer.
class StreamCall::Request final : public dispatch::Job {
 public:
  Request(StreamCall* stream, Number number)
      : number_(number), stream_(stream), watch_(stream->info_.watch) {}

  [[nodiscard]] const CheckedBatch& batch() const override { return message.batch(); }
  [[nodiscard]] scheduler::Priority priority() const override { return message.priority(); }
  BatchResult begin_results() override { return message.begin_results(); }
  [[nodiscard]] std::string_view caller() const override { return stream_->info_.caller; }
  [[nodiscard]] std::uint64_t deadline_us() const override { return stream_->info_.deadline_us; }
  void done(const dispatch::Ending& ending) override {
    if (ending.outcome == scheduler::Outcome::kDone) write_response(ending.served);
    stream_->answer(*this, answering(ended(ending.outcome), &batch(), ending.served));
  }

  [[nodiscard]] Number number() const { return number_; }
  /// arrived begins to watch: the request was read.
  void arrived() { watch_.restart(); }
  /// answering returns what the request is to end with. `checked` is null when it was refused
  /// unread.
  [[nodiscard]] grpc::Status answering(const grpc::Status& status, const CheckedBatch* checked,
                                       const dispatch::Served& served = {}) const {
    return watch_.answering(status, checked, served, stream_->info_.caller);
  }

  /// write_response completes the response; the keys are in the results.
  void write_response(const dispatch::Served& served) { message.answer(served).Swap(&response); }

  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  ColumnsMessage message;
  /// What the dispatcher knows it by; 0 until it has said so.
  scheduler::WorkId id = 0;

 private:
  Number number_;
  StreamCall* stream_;
  CallWatch watch_;
};

StreamCall::StreamCall(dispatch::Dispatcher* dispatcher, CallInfo info, QueueTurn queue_turn,
                       std::function<void(StreamCall*)> on_done)
    : dispatcher_(dispatcher),
      info_(std::move(info)),
      queue_turn_(std::move(queue_turn)),
      on_done_(std::move(on_done)),
      turn_([this] { on_turn(); }) {
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
  busy_ = writing_ || !answered_.empty();
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
  ColumnsMessage& message = request->message;
  if (const Status status = message.parse(request->request); !status.ok()) {
    end_locked(request->answering(to_grpc(status), nullptr));
    return;
  }
  if (const std::uint32_t count = message.count(); count > 0) {
    // Work that will not be done is not looked at: a refusal must cost less than an answer.
    const scheduler::Answer preview = dispatcher_->preview(info_.caller, count);
    if (!preview.accepted()) {
      end_locked(request->answering(refusal(preview), nullptr));
      return;
    }
  }
  if (const Status status = message.check(); !status.ok()) {
    end_locked(request->answering(to_grpc(status), nullptr));
    return;
  }
  Request* job = request.get();
  const std::uint32_t items = job->batch().count();
  if (items == 0) {
    job->begin_results();
    job->write_response({});
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
  write_locked();
  finished_ = end_ && accepted_.empty() && answered_.empty() && !writing_ && !turn_queued_;
  return finished_;
}

void StreamCall::write_locked() {
  if (writing_ || turn_queued_ || answered_.empty()) return;
  if (busy_ && reading_ && answered_.size() == 1) {
    turn_queued_ = queue_turn_(&turn_);
    if (turn_queued_) return;
  }
  start_write_locked();
}

void StreamCall::start_write_locked() {
  writing_ = std::move(answered_.front());
  answered_.pop_front();
  // What is held back is sent with the next answer: there must be one.
  const bool hold_back = !answered_.empty() && held_back_ + 1 < kMostTogether;
  held_back_ = hold_back ? held_back_ + 1 : 0;
  grpc::WriteOptions options;
  if (hold_back) options.set_buffer_hint();
  StartWrite(&writing_->response, options);
}

void StreamCall::on_turn() {
  std::unique_lock lock(mutex_);
  turn_queued_ = false;
  // Cancelled meanwhile, there may be none.
  if (!answered_.empty()) start_write_locked();
  const bool finish = advance_locked();
  lock.unlock();
  if (finish) Finish(*end_);
}

}  // namespace rekey::rpc

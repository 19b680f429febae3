// SPDX-License-Identifier: Apache-2.0
#include "service/stream_load.h"

#include <utility>

namespace rekey::bench {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

StreamLoad::StreamLoad(std::shared_ptr<grpc::Channel> channel, const std::string& method,
                       const grpc::ByteBuffer& request, std::uint32_t in_flight)
    : request_(request), in_flight_(in_flight), stub_(std::move(channel)) {
  stream_ = stub_.PrepareCall(&context_, method, completions_.queue());
}

StreamLoad::~StreamLoad() { context_.TryCancel(); }

Status StreamLoad::run(std::chrono::nanoseconds length, const OnAnswer& on_answer,
                       Slice* out_slice) {
  *out_slice = {};
  if (!open_) {
    if (Status s = open(); !s.ok()) return s;
  }
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + length;
  std::uint64_t sent = 0;
  bool writing = false;
  bool more = true;
  begin(Step::kRead);
  while (more || writing || out_slice->answers < sent) {
    if (more && !writing && sent - out_slice->answers < in_flight_) {
      begin(Step::kWrite);
      writing = true;
      ++sent;
    }
    Step step{};
    if (Status s = next(&step); !s.ok()) return s;
    if (step == Step::kWrite) {
      writing = false;
      continue;
    }
    ++out_slice->answers;
    if (on_answer) {
      if (Status s = on_answer(answer_); !s.ok()) return s;
    }
    answer_.Clear();
    more = more && Clock::now() < end;
    if (more || out_slice->answers < sent) begin(Step::kRead);
  }
  out_slice->seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return {};
}

void StreamLoad::begin(Step step) {
  void* tag = &tags_[static_cast<std::size_t>(step)];
  switch (step) {
    case Step::kStart:
      return stream_->StartCall(tag);
    case Step::kWrite:
      return stream_->Write(request_, tag);
    case Step::kRead:
      return stream_->Read(&answer_, tag);
    case Step::kFinish:
      return stream_->Finish(&end_, tag);
  }
}

Status StreamLoad::next(Step* out_step) {
  void* tag = nullptr;
  bool ok = false;
  if (Status s = completions_.next(&tag, &ok); !s.ok()) return s;
  *out_step = *static_cast<const Step*>(tag);
  return ok ? Status() : end_of_stream();
}

Status StreamLoad::end_of_stream() {
  begin(Step::kFinish);
  for (Step step = Step::kStart; step != Step::kFinish;) {
    void* tag = nullptr;
    bool ok = false;
    if (Status s = completions_.next(&tag, &ok); !s.ok()) return s;
    step = *static_cast<const Step*>(tag);
  }
  if (end_.ok()) return {Code::kUnavailable, "the server ended the stream early"};
  return call_failed(end_);
}

Status StreamLoad::open() {
  begin(Step::kStart);
  Step step{};
  if (Status s = next(&step); !s.ok()) return s;
  open_ = true;
  return {};
}

}  // namespace rekey::bench

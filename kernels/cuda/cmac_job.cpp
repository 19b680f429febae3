// SPDX-License-Identifier: Apache-2.0
#include "cuda/cmac_job.h"

#include <algorithm>
#include <string>

namespace rekey::cuda {
namespace {

constexpr std::size_t kColumns = 3;  // keys, messages, MACs

}  // namespace

CmacJob::CmacJob(const CmacBatch& batch, Octets macs, const Tuning& tuning)
    : batch_(batch), macs_(macs) {
  const std::size_t lost_between_columns = kColumns * Workspace::room_octets(1);
  const std::size_t room = Workspace::transfer_octets(tuning) - lost_between_columns;
  most_octets_ = room - 2 * kBlockOctets;
  chunk_messages_ =
      std::min<std::size_t>(tuning.chunk_items, room / (2 * kBlockOctets + batch.message_octets));
}

Status CmacJob::prepare() const {
  if (chunk_messages_ > 0) return {};
  return Status::invalid_argument("message_octets: expected at most " +
                                  std::to_string(most_octets_) + ", found " +
                                  std::to_string(batch_.message_octets));
}

bool CmacJob::next(Chunk* out_chunk) {
  if (next_ == batch_.count) return false;
  out_chunk->first = next_;
  out_chunk->messages =
      static_cast<std::uint32_t>(std::min<std::size_t>(chunk_messages_, batch_.count - next_));
  next_ += out_chunk->messages;
  return true;
}

Status CmacJob::start(Workspace& workspace, Chunk* chunk) {
  const auto copy_in = [&](ConstOctets column, std::size_t width) {
    const ConstOctets from = column.subspan(chunk->first * width, chunk->messages * width);
    const Room room = workspace.input(from.size());
    std::copy(from.begin(), from.end(), room.host.begin());
    return room.device;
  };
  CmacColumns columns;
  columns.keys = copy_in(batch_.keys, kBlockOctets);
  columns.messages = copy_in(batch_.messages, batch_.message_octets);
  columns.message_octets = batch_.message_octets;
  columns.count = chunk->messages;
  const Room macs = workspace.output(chunk->messages * kBlockOctets);
  columns.macs = macs.device;
  chunk->macs = macs.host;

  if (Status s = workspace.upload(); !s.ok()) return s;
  if (Status s = launch_cmac(columns, workspace.stream()); !s.ok()) return s;
  return workspace.download();
}

void CmacJob::take(const Chunk& chunk) {
  std::copy(chunk.macs.begin(), chunk.macs.end(),
            macs_.subspan(chunk.first * kBlockOctets).begin());
}

}  // namespace rekey::cuda

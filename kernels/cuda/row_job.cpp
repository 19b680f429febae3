// SPDX-License-Identifier: Apache-2.0
#include "cuda/row_job.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "cuda/launch.h"

namespace rekey::cuda {
namespace {

constexpr std::size_t kColumns = 2;  // numbers and rows

}  // namespace

RowJob::RowJob(const ContextRows& rows, std::span<const std::uint32_t> numbers,
               const Tuning& tuning)
    : rows_(rows), numbers_(numbers) {
  const std::size_t room =
      Workspace::transfer_octets(tuning) - kColumns * Workspace::room_octets(1);
  chunk_rows_ =
      std::min<std::size_t>(tuning.chunk_items, room / (sizeof(std::uint32_t) + rows_.octets));
  assert(chunk_rows_ > 0);
}

RowJob::RowJob(const ContextRows& rows, std::span<const std::uint32_t> numbers,
               const CheckedBatch& added_from, std::span<const std::uint32_t> added,
               const Tuning& tuning)
    : RowJob(rows, numbers, tuning) {
  added_ = added;
  packer_.emplace(added_from, rows.octets);
}

bool RowJob::next(Chunk* out_chunk) {
  if (next_ == numbers_.size()) return false;
  *out_chunk = {next_, std::min(chunk_rows_, numbers_.size() - next_)};
  next_ += out_chunk->rows;
  return true;
}

Status RowJob::start(Workspace& workspace, Chunk* chunk) {
  const auto numbers = numbers_.subspan(chunk->first, chunk->rows);
  const Room number_room = workspace.input(numbers.size_bytes());
  std::memcpy(number_room.host.data(), numbers.data(), numbers.size_bytes());
  RowWrite write;
  write.rows = rows_;
  write.numbers = reinterpret_cast<const std::uint32_t*>(number_room.device);
  write.count = static_cast<std::uint32_t>(chunk->rows);
  if (packer_) {
    const Room row_room = workspace.input(chunk->rows * rows_.octets);
    packer_->pack(added_.subspan(chunk->first, chunk->rows), row_room.host);
    write.from = row_room.device;
  }
  if (Status s = workspace.upload(); !s.ok()) return s;
  if (Status s = launch_row_write(write, workspace.stream()); !s.ok()) return s;
  return workspace.download();
}

}  // namespace rekey::cuda

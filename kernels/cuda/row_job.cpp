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
               const AddedItems* added, const Tuning& tuning)
    : rows_(rows), numbers_(numbers), added_(added) {
  const std::size_t room =
      Workspace::transfer_octets(tuning) - kColumns * Workspace::room_octets(1);
  chunk_rows_ =
      std::min<std::size_t>(tuning.chunk_items, room / (sizeof(std::uint32_t) + rows_.octets));
  assert(chunk_rows_ > 0);
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
  if (added_ != nullptr) {
    const Room row_room = workspace.input(chunk->rows * rows_.octets);
    fill(*chunk, row_room.host);
    write.from = row_room.device;
  }
  if (Status s = workspace.upload(); !s.ok()) return s;
  if (Status s = launch_row_write(write, workspace.stream()); !s.ok()) return s;
  return workspace.download();
}

void RowJob::fill(const Chunk& chunk, Octets rows) {
  const CheckedBatch& batch = added_->contexts.batch();
  const std::size_t said_octets = batch.options().said_octets;
  std::ranges::fill(rows, std::uint8_t{0});
  for (std::size_t i = 0; i < chunk.rows; ++i) {
    const std::uint32_t item = added_->items[chunk.first + i];
    for (; next_item_ < item; ++next_item_) next_said_ += batch.sa_count(next_item_) * said_octets;
    std::uint8_t* row = rows.data() + i * rows_.octets;
    std::copy_n(batch.pmk().at(item), kPmkOctets, row + kPmkInRow);
    std::copy_n(batch.msid().at(item), kMsidOctets, row + kMsidInRow);
    if (batch.nonce().data != nullptr) {
      std::copy_n(batch.nonce().at(item), kNonceOctets, row + kNonceInRow);
    }
    std::copy_n(batch.ak_sn().at(item), kAkSnOctets, row + kAkSnInRow);
    const std::size_t sa_octets = batch.sa_count(item) * said_octets;
    std::ranges::copy(batch.saids().subspan(next_said_, sa_octets), row + kSaidsInRow);
  }
}

}  // namespace rekey::cuda

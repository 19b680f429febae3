// SPDX-License-Identifier: Apache-2.0
#include "cuda/workspace.h"

#include <cassert>
#include <utility>

#include "cuda/check.h"
#include "rekey/key_kind.h"
#include "rekey/secret.h"

namespace rekey::cuda {

std::size_t Workspace::room_octets(std::size_t octets) {
  // What cudaMalloc aligns to.
  constexpr std::size_t kAlignment = 256;
  return (octets + kAlignment - 1) / kAlignment * kAlignment;
}

std::size_t Workspace::transfer_octets(const Tuning& tuning) {
  constexpr std::size_t kMaxSaidOctets = 2;
  constexpr std::size_t kSaCountOctets = 1;
  std::size_t octets = 0;
  for (const std::size_t width : {kPmkOctets, kMsidOctets, kBsidOctets, kNonceOctets,
                                  kCmacKeyCountOctets, kAkSnOctets, kSaCountOctets}) {
    octets += room_octets(tuning.chunk_items * width);
  }
  // With one counter a chunk has as many SAs as TEKs.
  octets += room_octets(tuning.chunk_teks * kMaxSaidOctets);
  for (KeyKind kind : kAllKeyKinds) {
    const std::size_t keys = kind == KeyKind::kTek ? tuning.chunk_teks : tuning.chunk_items;
    octets += room_octets(keys * key_octets(kind));
  }
  return octets;
}

std::size_t Workspace::device_octets(const Tuning& tuning) {
  return transfer_octets(tuning) + room_octets(tuning.chunk_items * kBlockOctets) +
         room_octets(tuning.chunk_items * sizeof(std::uint32_t)) + room_octets(kScanScratchOctets);
}

Status Workspace::create(const Tuning& tuning) {
  if (Status s = stream_.create(); !s.ok()) return s;
  if (Status s = done_.create(); !s.ok()) return s;
  if (Status s = device_.allocate(device_octets(tuning)); !s.ok()) return s;
  return host_.allocate(transfer_octets(tuning));
}

Workspace::~Workspace() {
  static_cast<void>(recover());
  // This waits for the device even where recover() failed: nothing is written after the wipe.
  device_.free();
  clear();
}

std::size_t Workspace::take(std::size_t octets) {
  const std::size_t offset = end_;
  end_ += room_octets(octets);
  return offset;
}

Room Workspace::input(std::size_t octets) {
  assert(inputs_end_ == end_);
  const std::size_t offset = take(octets);
  inputs_end_ = outputs_end_ = end_;
  return {{host_.data() + offset, octets}, device_.data() + offset};
}

Room Workspace::output(std::size_t octets) {
  assert(outputs_end_ == end_);
  const std::size_t offset = take(octets);
  outputs_end_ = end_;
  return {{host_.data() + offset, octets}, device_.data() + offset};
}

std::uint8_t* Workspace::scratch(std::size_t octets) { return device_.data() + take(octets); }

Status Workspace::direct_input(ConstOctets from, std::uint8_t** out_device) {
  *out_device = scratch(from.size());
  return check("cudaMemcpyAsync", cudaMemcpyAsync(*out_device, from.data(), from.size(),
                                                  cudaMemcpyHostToDevice, stream_.get()));
}

std::uint8_t* Workspace::direct_output(Octets to) {
  std::uint8_t* device = scratch(to.size());
  outputs_.push_back({to, device});
  return device;
}

Status Workspace::upload() {
  if (inputs_end_ == 0) return {};
  return check("cudaMemcpyAsync", cudaMemcpyAsync(device_.data(), host_.data(), inputs_end_,
                                                  cudaMemcpyHostToDevice, stream_.get()));
}

Status Workspace::download() {
  if (outputs_end_ > inputs_end_) {
    outputs_.push_back(
        {{host_.data() + inputs_end_, outputs_end_ - inputs_end_}, device_.data() + inputs_end_});
  }
  for (const Output& output : outputs_) {
    if (Status s = check("cudaMemcpyAsync",
                         cudaMemcpyAsync(output.to.data(), output.from, output.to.size(),
                                         cudaMemcpyDeviceToHost, stream_.get()));
        !s.ok()) {
      return s;
    }
  }
  if (Status s = check("cudaMemsetAsync", cudaMemsetAsync(device_.data(), 0, end_, stream_.get()));
      !s.ok()) {
    return s;
  }
  return done_.record(stream_);
}

Status Workspace::wait() { return done_.synchronize(); }

void Workspace::clear() {
  wipe({host_.data(), outputs_end_});
  inputs_end_ = outputs_end_ = end_ = 0;
  outputs_.clear();
}

Status Workspace::recover() {
  if (end_ == 0) return {};
  const Status wiped =
      check("cudaMemsetAsync", cudaMemsetAsync(device_.data(), 0, end_, stream_.get()));
  const Status waited = stream_.synchronize();
  if (!wiped.ok()) return wiped;
  if (!waited.ok()) return waited;
  clear();
  return {};
}

Status WorkspacePool::create(const Tuning& tuning) {
  if (Status s = check_free_memory(tuning.workspaces * Workspace::device_octets(tuning)); !s.ok()) {
    return s;
  }
  for (std::uint32_t i = 0; i < tuning.workspaces; ++i) {
    auto workspace = std::make_unique<Workspace>();
    if (Status s = workspace->create(tuning); !s.ok()) return s;
    free_.push_back(workspace.get());
    workspaces_.push_back(std::move(workspace));
  }
  return {};
}

void WorkspacePool::destroy() {
  assert(free_.size() == workspaces_.size());
  free_.clear();
  workspaces_.clear();
}

Workspace* WorkspacePool::take(bool wait) {
  std::unique_lock lock(mutex_);
  if (wait) given_back_.wait(lock, [this] { return !free_.empty(); });
  if (free_.empty()) return nullptr;
  Workspace* workspace = free_.back();
  free_.pop_back();
  return workspace;
}

void WorkspacePool::give_back(Workspace* workspace) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(workspace);
  }
  given_back_.notify_one();
}

}  // namespace rekey::cuda

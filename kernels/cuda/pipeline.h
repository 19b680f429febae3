// SPDX-License-Identifier: Apache-2.0
//
// Runs a job chunk by chunk on several workspaces, so that the copies of one chunk hide behind the
// kernels of another.
//
// A Job has a copyable type Chunk and
//   bool next(Chunk* out_chunk)                    the next chunk, or false after the last
//   Status start(Workspace& workspace, Chunk* chunk)   enqueues a chunk, download() included
//   void take(const Chunk& chunk)                  takes the results out of the workspace
#pragma once

#include <cstdint>
#include <deque>

#include "cuda/workspace.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// run_chunks runs all chunks of `job` with at most `limit` workspaces of `pool`, and waits for
/// them. After a failure no other chunk is started, and those under way are given up.
template <typename Job>
Status run_chunks(Job& job, WorkspacePool& pool, std::uint32_t limit) {
  struct Started {
    Workspace* workspace;
    typename Job::Chunk chunk;
  };
  std::deque<Started> under_way;  // oldest first

  const auto finish_oldest = [&]() -> Status {
    const Started& oldest = under_way.front();
    if (Status s = oldest.workspace->wait(); !s.ok()) return s;
    job.take(oldest.chunk);
    oldest.workspace->clear();
    return {};
  };
  const auto give_back_oldest = [&] {
    pool.give_back(under_way.front().workspace);
    under_way.pop_front();
  };

  Status status;
  typename Job::Chunk chunk;
  while (status.ok() && job.next(&chunk)) {
    // Who holds a workspace never waits for another one: two batches could wait for each other.
    Workspace* workspace = under_way.size() < limit ? pool.take(under_way.empty()) : nullptr;
    if (workspace == nullptr) {
      status = finish_oldest();
      if (!status.ok()) break;
      workspace = under_way.front().workspace;
      under_way.pop_front();
    }
    under_way.push_back({workspace, chunk});
    // An earlier batch may have left it in disorder.
    status = workspace->recover();
    if (status.ok()) status = job.start(*workspace, &under_way.back().chunk);
  }
  for (; !under_way.empty(); give_back_oldest()) {
    if (status.ok()) status = finish_oldest();
    // What fails here fails again, and then counts, when the workspace is next used.
    if (!status.ok()) static_cast<void>(under_way.front().workspace->recover());
  }
  return status;
}

}  // namespace rekey::cuda

// SPDX-License-Identifier: Apache-2.0
//
// As many threads that read as there are cores for them.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>

namespace rekey::rpc {

/// SpareReaders keeps those of gRPC's threads from reading for which there is no core. gRPC 1.51
/// has at least two, however few cores a process may use, and each that finds something to do wakes
/// another to look out for what comes next: on one core these switches cost more than most calls.
class SpareReaders {
 public:
  /// Leaves one thread a usable core (process/cores.h), and lets the others rest until this object
  /// goes. Starts gRPC's threads. To be made before there are calls, which would keep it waiting.
  SpareReaders();
  ~SpareReaders();
  SpareReaders(const SpareReaders&) = delete;
  SpareReaders& operator=(const SpareReaders&) = delete;

  /// resting returns how many rest.
  [[nodiscard]] unsigned resting();

 private:
  /// A call to nobody: what it is told of its end, it is told by one of gRPC's threads.
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
  };

  /// Has one of gRPC's threads come, to rest or just to come. False: it is none of those that read,
  /// and did not stay.
  bool call_reader(bool to_rest);
  void come(bool to_rest);

  grpc::GenericStub nobody_;
  std::list<Call> calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t came_ = 0;  ///< threads
  bool last_is_reader_ = false;
  unsigned resting_ = 0;  ///< threads
  bool wake_ = false;
};

}  // namespace rekey::rpc

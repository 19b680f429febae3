// SPDX-License-Identifier: Apache-2.0
#include "gpu/device_ways.h"

#include <cuda_runtime_api.h>

#include <deque>
#include <map>
#include <new>
#include <utility>

#include "cuda/check.h"
#include "cuda/device.h"
#include "cuda/launch.h"
#include "gpu/link_octets.h"

namespace rekey::bench {
namespace {

using cuda::check;

/// The kind of a Way that is made ready with open(batch).
template <typename Derived>
WayKind kind_of(const char* name, const char* description) {
  return {name, description, [](const CheckedBatch& batch, std::unique_ptr<Way>* out_way) {
            auto way = std::make_unique<Derived>();
            Status status = way->open(batch);
            *out_way = std::move(way);
            return status;
          }};
}

class Copies final : public Way {
 public:
  Status open(const CheckedBatch& batch) {
    const LinkOctets octets = link_octets(batch);
    if (Status s = in_.open(octets.in); !s.ok()) return s;
    return out_.open(octets.out);
  }

  Status run() override {
    if (Status s = in_.copy(cudaMemcpyHostToDevice); !s.ok()) return s;
    if (Status s = out_.copy(cudaMemcpyDeviceToHost); !s.ok()) return s;
    if (Status s = in_.stream.synchronize(); !s.ok()) return s;
    return out_.stream.synchronize();
  }

 private:
  /// One direction, on a stream of its own.
  struct Direction {
    Status open(std::size_t count) {
      octets = count;
      if (Status s = stream.create(); !s.ok()) return s;
      if (Status s = device.allocate(octets); !s.ok()) return s;
      return host.allocate(octets);
    }
    Status copy(cudaMemcpyKind kind) {
      const bool up = kind == cudaMemcpyHostToDevice;
      return check("cudaMemcpyAsync",
                   cudaMemcpyAsync(up ? device.data() : host.data(),
                                   up ? host.data() : device.data(), octets, kind, stream.get()));
    }

    std::size_t octets = 0;
    cuda::Stream stream;
    cuda::DeviceMemory device;
    cuda::PinnedMemory host;
  };

  Direction in_, out_;
};

class Kernel final : public Way {
 public:
  Status open(const CheckedBatch& batch) {
    profile_ = batch.profile();
    options_ = batch.options();
    if (Status s = stream_.create(); !s.ok()) return s;
    columns_.count = batch.count();
    if (Status s = bring(batch.pmk(), &columns_.pmk); !s.ok()) return s;
    if (Status s = bring(batch.msid(), &columns_.msid); !s.ok()) return s;
    if (Status s = bring(batch.bsid(), &columns_.bsid); !s.ok()) return s;
    if (Status s = bring(batch.nonce(), &columns_.nonce); !s.ok()) return s;
    if (Status s = bring(batch.cmac_key_count(), &columns_.cmac_key_count); !s.ok()) return s;
    if (Status s = bring(batch.ak_sn(), &columns_.ak_sn); !s.ok()) return s;
    for (KeyKind kind : kAllKeyKinds) {
      std::uint8_t** place =
          kind == KeyKind::kTek ? &columns_.sas.teks : &(columns_.*cuda::result_column(kind));
      if (Status s = allocate(batch.result_octets(kind), place); !s.ok()) return s;
    }
    if (columns_.sas.teks == nullptr) return stream_.synchronize();
    columns_.sas.sas_per_item = batch.sa_count(0);
    columns_.sas.said_octets = options_.said_octets;
    columns_.sas.set_counters(batch.tek_counters());
    if (Status s = bring(batch.saids(), &columns_.sas.saids.data); !s.ok()) return s;
    return stream_.synchronize();
  }

  Status run() override {
    if (Status s = cuda::launch_ams(profile_, options_, columns_, stream_.get()); !s.ok()) return s;
    return stream_.synchronize();
  }

 private:
  Status allocate(std::size_t octets, std::uint8_t** out_memory) {
    if (octets == 0) return {};
    Status status = memory_.emplace_back().allocate(octets);
    *out_memory = memory_.back().data();
    return status;
  }

  Status bring(ConstOctets from, const std::uint8_t** out_place) {
    std::uint8_t* to = nullptr;
    if (Status s = allocate(from.size(), &to); !s.ok() || to == nullptr) return s;
    *out_place = to;
    return check("cudaMemcpyAsync", cudaMemcpyAsync(to, from.data(), from.size(),
                                                    cudaMemcpyHostToDevice, stream_.get()));
  }

  template <std::size_t Width>
  Status bring(const Column<Width>& from, cuda::InputColumn* out_column) {
    out_column->stride_octets = from.shared ? 0 : static_cast<std::uint32_t>(Width);
    return bring(from.octets(columns_.count), &out_column->data);
  }

  Profile profile_ = Profile::k16mDraft;
  ProfileOptions options_;
  cuda::Stream stream_;
  std::deque<cuda::DeviceMemory> memory_;
  cuda::AmsColumns columns_;
};

class PinnedPieces final : public std::pmr::memory_resource {
 private:
  void* do_allocate(std::size_t octets, std::size_t) override {
    auto memory = std::make_unique<cuda::PinnedMemory>();
    if (!memory->allocate(octets).ok()) throw std::bad_alloc();
    std::uint8_t* piece = memory->data();
    pieces_.emplace(piece, std::move(memory));
    return piece;
  }
  void do_deallocate(void* piece, std::size_t, std::size_t) override {
    pieces_.erase(static_cast<std::uint8_t*>(piece));
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::map<std::uint8_t*, std::unique_ptr<cuda::PinnedMemory>> pieces_;
};

}  // namespace

std::unique_ptr<std::pmr::memory_resource> pinned_pieces() {
  return std::make_unique<PinnedPieces>();
}

WayKind copies_alone() {
  return kind_of<Copies>("copies", "columns in and keys out at once, nothing derived");
}

WayKind kernel_alone() {
  return kind_of<Kernel>("kernel", "keys derived on the device, nothing copied");
}

}  // namespace rekey::bench

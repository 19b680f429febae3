// SPDX-License-Identifier: Apache-2.0
//
// Where the text of a wave comes from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rekey/status.h"

namespace rekey::wave {

/// Source is a stream of octets, read once from front to back.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// read puts up to buffer.size() octets into `buffer` and says how many; 0 means the end.
  /// Returns kInternal with the system's reason when reading fails.
  virtual Status read(std::span<char> buffer, std::size_t* out_octets) = 0;
};

/// TextSource reads from memory, which must outlive it.
class TextSource final : public Source {
 public:
  explicit TextSource(std::string_view text) : rest_(text) {}
  Status read(std::span<char> buffer, std::size_t* out_octets) override;

 private:
  std::string_view rest_;
};

/// FileSource reads a file, or standard input.
class FileSource final : public Source {
 public:
  /// open opens `path`; `-` is standard input. Returns kInvalidArgument with the system's reason
  /// when that fails.
  static Status open(const std::string& path, std::unique_ptr<FileSource>* out_source);
  ~FileSource() override;
  Status read(std::span<char> buffer, std::size_t* out_octets) override;

  [[nodiscard]] std::uint64_t octets_read() const { return octets_read_; }
  /// 0 where it cannot be known.
  [[nodiscard]] std::uint64_t octets_in_all() const { return octets_in_all_; }

 private:
  FileSource(std::string name, int descriptor, bool owned);

  std::string name_;
  int descriptor_;
  bool owned_;
  std::uint64_t octets_read_ = 0;
  std::uint64_t octets_in_all_ = 0;
};

}  // namespace rekey::wave

// SPDX-License-Identifier: Apache-2.0
//
// Where the text of waves and results goes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rekey/status.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {

/// Sink takes text in pieces.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// write takes `text`, perhaps into a buffer. Returns kInternal with the system's reason when an
  /// earlier or this piece cannot be written.
  virtual Status write(std::string_view text) = 0;
  /// flush hands on what is buffered. Errors as write().
  virtual Status flush() = 0;
};

/// TextSink keeps the text in memory.
class TextSink final : public Sink {
 public:
  Status write(std::string_view text) override {
    text_ += text;
    return {};
  }
  Status flush() override { return {}; }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  SecretText text_;
};

/// FileSink writes a file, or standard output. It does not flush when destroyed: whoever writes
/// must learn whether that worked.
class FileSink final : public Sink {
 public:
  /// open creates `path`, or empties it, with access for its owner alone: it may hold keys; `-` is
  /// standard output. Returns kInvalidArgument with the system's reason when that fails.
  static Status open(const std::string& path, std::unique_ptr<FileSink>* out_sink);
  ~FileSink() override;
  Status write(std::string_view text) override;
  Status flush() override;

  [[nodiscard]] bool has_failed() const { return !failure_.ok(); }
  /// Whether writing failed because nobody reads the pipe any more.
  [[nodiscard]] bool reader_is_gone() const { return reader_is_gone_; }

 private:
  FileSink(std::string name, int descriptor, bool owned);

  std::string name_;
  int descriptor_;
  bool owned_;
  bool reader_is_gone_ = false;
  Status failure_;
  SecretText buffer_;
};

}  // namespace rekey::wave

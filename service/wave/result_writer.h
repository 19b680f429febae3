// SPDX-License-Identifier: Apache-2.0
//
// Writes derived keys as text, one AMS a line, in the order of the wave.
//
// CSV has the columns profile, line, reference, msid, bsid, code, message, then one for each kind
// of key asked for: msid_star, ak, akid, cmac_key_u, cmac_key_d, kek, and teks as
// `said:counter:eks:key`, joined by `;`. JSON Lines has the same names; `teks` is a list of objects
// {said, counter, eks, key}. `line` is the AMS's line in the input and is left out (empty in CSV)
// where there was none. Octets are lower-case hex digits. An AMS that failed has a code other than
// 0 (a gRPC code), a message and no keys.
#pragma once

#include "rekey/key_kind.h"
#include "rekey/status.h"
#include "wave/derived_keys.h"
#include "wave/format.h"
#include "wave/sink.h"
#include "wave/wave.h"

namespace rekey::wave {

/// ResultWriter writes the results of one wave after the other, all of the same profile and
/// outputs.
class ResultWriter {
 public:
  /// `sink` must outlive the writer, and is not flushed by it.
  ResultWriter(Format format, Profile profile, KeySet outputs, Sink& sink)
      : format_(format), profile_(profile), outputs_(outputs), sink_(sink) {}

  /// begin writes what stands before the first AMS. Errors as Sink::write().
  Status begin();
  /// write writes every AMS of `wave` with its `keys`. Errors as Sink::write().
  Status write(const Wave& wave, const DerivedKeys& keys);

 private:
  void append_csv(const Wave& wave, const DerivedKeys& keys, std::size_t item);
  void append_json(const Wave& wave, const DerivedKeys& keys, std::size_t item);

  Format format_;
  Profile profile_;
  KeySet outputs_;
  Sink& sink_;
  SecretText line_;
};

}  // namespace rekey::wave

// SPDX-License-Identifier: Apache-2.0
//
// An AMS as octets, for a store. The octets hold its PMK: they are wiped, and sealed before they
// leave the process.
//
// A record begins with its format's number. Integers are big-endian; a list is its length in one
// octet, then its elements. There is one encoding of an AMS, and nothing else is read back: what is
// cut off, goes on, or says what no AMS can be is an error.
#pragma once

#include "contexts/context.h"
#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// encode_record returns the octets of an AMS. What decode_record() would not accept must not be
/// handed in.
SecretBuffer encode_record(const Ams& ams);

/// decode_record is the inverse of encode_record(). kInvalidArgument says what is wrong, without
/// any of the octets.
Status decode_record(ConstOctets octets, Ams* out_ams);

}  // namespace rekey::contexts

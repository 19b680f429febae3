// SPDX-License-Identifier: Apache-2.0
//
// The known answers themselves: section 3 of the key-derivation specification, and section 4 of
// RFC 4493 for the CMAC under it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rekey/key_kind.h"
#include "rekey/octets.h"
#include "rekey/profile.h"

namespace rekey::known_answers {

/// Hex is an octet string written in hexadecimal and read at build time; spaces may separate
/// digits. An odd number of digits, or another character, does not compile.
class Hex {
 public:
  consteval Hex(std::string_view digits) {  // NOLINT(google-explicit-constructor)
    bool high = true;
    for (char digit : digits) {
      if (digit == ' ') continue;
      if (high) {
        octets_[size_] = static_cast<std::uint8_t>(value(digit) << 4);
      } else {
        octets_[size_++] |= value(digit);
      }
      high = !high;
    }
    if (!high) throw "odd number of digits";
  }
  consteval Hex(const char* digits) : Hex(std::string_view(digits)) {}  // NOLINT(*-explicit-*)

  [[nodiscard]] constexpr ConstOctets octets() const { return {octets_.data(), size_}; }

 private:
  static consteval std::uint8_t value(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
    if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
    if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
    throw "not a hexadecimal digit";
  }

  std::array<std::uint8_t, 64> octets_{};
  std::size_t size_ = 0;
};

inline constexpr std::string_view kPublished = "published";
inline constexpr std::string_view kOurReading = "our reading";

/// DerivationAnswer is one AMS and the keys known of it.
struct DerivationAnswer {
  struct Key {
    KeyKind kind = KeyKind::kAk;
    Hex octets = "";  ///< of TEKs: all of them, SA then counter
  };

  std::string_view name;
  std::string_view origin;
  Profile profile;
  ProfileOptions options;
  Hex pmk, msid, bsid;
  Hex nonce;  ///< empty where the hierarchy takes none
  Hex cmac_key_count, ak_sn;
  Hex said;  ///< of the one SA, under which TEKs 0 and 1 are derived; empty: no SA
  std::size_t key_count;
  std::array<Key, 6> keys;
};

// The specification gives no CMAC_KEY_COUNT for legacy-16e/1; neither AK nor AKID depends on it.
inline constexpr std::array kDerivationAnswers = {
    DerivationAnswer{.name = "legacy-16e/1",
                     .origin = kPublished,
                     .profile = Profile::kLegacy16e,
                     .options = {},
                     .pmk = "F43CE2CCB56BF2F1862C2AAC724C20DB437D62AD",
                     .msid = "00ED04A5105B",
                     .bsid = "0000BB020003",
                     .nonce = "",
                     .cmac_key_count = "0000",
                     .ak_sn = "00",
                     .said = "",
                     .key_count = 2,
                     .keys = {{{KeyKind::kAk, "CAE0DE08E027ACB5198AE78C2A2D78AB9945CE74"},
                               {KeyKind::kAkid, "C056432D94074994"}}}},
    DerivationAnswer{.name = "legacy-16e/2",
                     .origin = kPublished,
                     .profile = Profile::kLegacy16e,
                     .options = {},
                     .pmk = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94",
                     .msid = "001B11C9D50C",
                     .bsid = "000000000005",
                     .nonce = "",
                     .cmac_key_count = "0000",
                     .ak_sn = "00",
                     .said = "",
                     .key_count = 5,
                     .keys = {{{KeyKind::kAk, "D7EAA9683C377B76A2385B8454B57AE7C9AD3224"},
                               {KeyKind::kAkid, "3B7E354A44B25806"},
                               {KeyKind::kCmacKeyU, "F6EED12D93C37271BDB384449CB62467"},
                               {KeyKind::kCmacKeyD, "C0F5E67CA3B7E3C31DE4222A25836B2B"},
                               {KeyKind::kKek, "E09389B8F3391DFEC8A99AF41DA147B9"}}}},
    DerivationAnswer{.name = "16m-draft/1",
                     .origin = kOurReading,
                     .profile = Profile::k16mDraft,
                     .options = {},
                     .pmk = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94",
                     .msid = "001B11C9D50C",
                     .bsid = "000000000005",
                     .nonce = "0102030405060708",
                     .cmac_key_count = "0001",
                     .ak_sn = "01",
                     .said = "01",
                     .key_count = 6,
                     .keys = {{{KeyKind::kMsidStar, "58804f4a1c8d"},
                               {KeyKind::kAk, "a2a9c01df3ee9ab07173a8656ca09ef193a9cbbe"},
                               {KeyKind::kAkid, "ed449b1ade087b5e"},
                               {KeyKind::kCmacKeyU, "4ba9577bbf5a25b7adff87ded88a62a3"},
                               {KeyKind::kCmacKeyD, "9c46a886047e5a2ce4949331b928543f"},
                               {KeyKind::kTek,
                                "4d341c1ba592a00c27eaebd11c680324 "
                                "22a4cee0606938a2fc5cc98d36fa095f"}}}},
    DerivationAnswer{.name = "16m-draft/nonce-bsid",
                     .origin = kOurReading,
                     .profile = Profile::k16mDraft,
                     .options = {.nonce_first = true},
                     .pmk = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94",
                     .msid = "001B11C9D50C",
                     .bsid = "000000000005",
                     .nonce = "0102030405060708",
                     .cmac_key_count = "0001",
                     .ak_sn = "01",
                     .said = "01",
                     .key_count = 1,
                     .keys = {{{KeyKind::kMsidStar, "7b1b7c31fc47"}}}},
    DerivationAnswer{.name = "16m-draft/said-octets-2",
                     .origin = kOurReading,
                     .profile = Profile::k16mDraft,
                     .options = {.said_octets = 2},
                     .pmk = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94",
                     .msid = "001B11C9D50C",
                     .bsid = "000000000005",
                     .nonce = "0102030405060708",
                     .cmac_key_count = "0001",
                     .ak_sn = "01",
                     .said = "0001",
                     .key_count = 1,
                     .keys = {{{KeyKind::kTek,
                                "b8b58a76886d4e3ad45a77245d8bff6c "
                                "50193e592aac9af8dae96af182d58c4d"}}}},
    DerivationAnswer{.name = "16m-published/1",
                     .origin = kOurReading,
                     .profile = Profile::k16mPublished,
                     .options = {},
                     .pmk = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94",
                     .msid = "001B11C9D50C",
                     .bsid = "000000000005",
                     .nonce = "1112131415161718",
                     .cmac_key_count = "0001",
                     .ak_sn = "01",
                     .said = "01",
                     .key_count = 6,
                     .keys = {{{KeyKind::kMsidStar, "c3aea5982f13"},
                               {KeyKind::kAk, "7d9073bb70fa9c48e04510c6f5a33a1aafc2ee3e"},
                               {KeyKind::kAkid, "4f61ec2e1b708d44"},
                               {KeyKind::kCmacKeyU, "d7bf7d3c5e89cbcee05ef3b3551772d2"},
                               {KeyKind::kCmacKeyD, "faef962444675de10144e4f7ee4d2106"},
                               {KeyKind::kTek,
                                "b43f9098f8febac07c59eed1ca42e38a "
                                "94b70830b925e20cc535e4f42d897049"}}}},
};

/// CmacAnswer is one AES-128-CMAC of RFC 4493.
struct CmacAnswer {
  std::string_view name;
  Hex key;
  Hex message;
  Hex mac;
};

inline constexpr std::array kCmacAnswers = {
    CmacAnswer{"rfc4493/example-1", "2b7e151628aed2a6abf7158809cf4f3c", "",
               "bb1d6929e95937287fa37d129b756746"},
    CmacAnswer{"rfc4493/example-2", "2b7e151628aed2a6abf7158809cf4f3c",
               "6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"},
    CmacAnswer{"rfc4493/example-3", "2b7e151628aed2a6abf7158809cf4f3c",
               "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 "
               "30c81c46a35ce411",
               "dfa66747de9ae63030ca32611497c827"},
    CmacAnswer{"rfc4493/example-4", "2b7e151628aed2a6abf7158809cf4f3c",
               "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 "
               "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710",
               "51f0bebf7e3b9d92fc49741779363cfe"},
};

}  // namespace rekey::known_answers

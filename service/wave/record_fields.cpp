// SPDX-License-Identifier: Apache-2.0
#include "wave/record_fields.h"

#include <algorithm>
#include <string>

#include "wave/hex.h"
#include "wave/utf8.h"

namespace rekey::wave {
namespace {

Status wrong(const Rules& rules, Field field, const std::string& found) {
  return Status::invalid_argument(std::string(to_string(field)) + ": expected " +
                                  expected_form(rules, field) + ", found " + found);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads a decimal number; `*out_found` says what else was there.
bool parse_number(std::string_view text, std::uint64_t* out_number, std::string* out_found) {
  constexpr std::size_t kMostDigits = 9;
  if (text.empty()) {
    *out_found = "nothing";
    return false;
  }
  const auto other = std::find_if_not(text.begin(), text.end(), is_digit);
  if (other != text.end()) {
    *out_found =
        "a character that is not a digit at position " + std::to_string(other - text.begin() + 1);
    return false;
  }
  if (text.size() > kMostDigits) {
    *out_found = "a number of " + std::to_string(text.size()) + " digits";
    return false;
  }
  *out_number = 0;
  for (const char c : text) *out_number = *out_number * 10 + static_cast<std::uint64_t>(c - '0');
  return true;
}

Status set_saids_from_text(const Rules& rules, std::string_view text, AmsRecord* out_record) {
  out_record->saids.clear();
  if (text.empty()) return {};
  for (std::size_t position = 1;; ++position) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::uint64_t said = 0;
    std::string found;
    if (!parse_number(text.substr(0, end), &said, &found)) {
      return wrong(rules, Field::kSaids,
                   found + " of SAID " + std::to_string(position) + " of the list");
    }
    if (Status s = add_said(rules, said, out_record); !s.ok()) return s;
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
  }
}

Status set_nonce(const Rules& rules, std::string_view text, AmsRecord* out_record) {
  if (rules.takes_nonce()) return parse_hex("nonce", text, out_record->nonce);
  if (text.empty()) return {};
  return wrong(rules, Field::kNonce, std::to_string(text.size()) + " characters");
}

Status set_reference(const Rules& rules, std::string_view text, AmsRecord* out_record) {
  if (text.size() > kMaxReferenceOctets) {
    return wrong(rules, Field::kReference, std::to_string(text.size()) + " octets");
  }
  if (const std::size_t good = utf8_prefix(text); good != text.size()) {
    return wrong(rules, Field::kReference,
                 "an octet that is not UTF-8 at position " + std::to_string(good + 1));
  }
  const auto control =
      std::find_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control != text.end()) {
    return wrong(rules, Field::kReference,
                 "a control character at position " + std::to_string(control - text.begin() + 1));
  }
  out_record->reference = text;
  return {};
}

}  // namespace

Status set_field_from_text(const Rules& rules, Field field, std::string_view text,
                           AmsRecord* out_record) {
  switch (field) {
    case Field::kPmk:
      return parse_hex("pmk", text, out_record->pmk.octets());
    case Field::kMsid:
      return parse_hex("msid", text, out_record->msid);
    case Field::kBsid:
      return parse_hex("bsid", text, out_record->bsid);
    case Field::kNonce:
      return set_nonce(rules, text, out_record);
    case Field::kCmacKeyCount:
    case Field::kAkSn: {
      std::uint64_t number = 0;
      std::string found;
      if (!parse_number(text, &number, &found)) return wrong(rules, field, found);
      return set_number(field, number, out_record);
    }
    case Field::kSaids:
      return set_saids_from_text(rules, text, out_record);
    case Field::kReference:
      return set_reference(rules, text, out_record);
  }
  return {};
}

Status set_number(Field field, std::uint64_t number, AmsRecord* out_record) {
  const bool is_ak_sn = field == Field::kAkSn;
  if (number > (is_ak_sn ? kMaxAkSn : kMaxCmacKeyCount)) {
    return wrong({}, field, std::to_string(number));
  }
  if (is_ak_sn) {
    out_record->ak_sn = static_cast<std::uint8_t>(number);
  } else {
    out_record->cmac_key_count = static_cast<std::uint16_t>(number);
  }
  return {};
}

Status add_said(const Rules& rules, std::uint64_t said, AmsRecord* out_record) {
  std::vector<std::uint16_t>& saids = out_record->saids;
  if (!rules.has_teks()) return wrong(rules, Field::kSaids, "some");
  if (said > rules.max_said()) return wrong(rules, Field::kSaids, std::to_string(said));
  if (std::find(saids.begin(), saids.end(), said) != saids.end()) {
    return Status::invalid_argument("saids: expected different values, found " +
                                    std::to_string(said) + " twice");
  }
  if (saids.size() == kMaxSasPerAms) {
    return Status::invalid_argument("saids: expected at most " + std::to_string(kMaxSasPerAms) +
                                    " values, found more");
  }
  saids.push_back(static_cast<std::uint16_t>(said));
  return {};
}

std::string expected_form(const Rules& rules, Field field) {
  const auto hex_digits = [](std::size_t octets) {
    return std::to_string(2 * octets) + " hex digits";
  };
  switch (field) {
    case Field::kPmk:
      return hex_digits(kPmkOctets);
    case Field::kMsid:
      return hex_digits(kMsidOctets);
    case Field::kBsid:
      return hex_digits(kBsidOctets);
    case Field::kNonce:
      if (rules.takes_nonce()) return hex_digits(kNonceOctets);
      return "none (" + std::string(rekey::to_string(rules.profile)) +
             (rules.options.msid_privacy_off ? " with msid_privacy_off" : "") + " takes no nonce)";
    case Field::kCmacKeyCount:
      return "0 to " + std::to_string(kMaxCmacKeyCount);
    case Field::kAkSn:
      return "0 to " + std::to_string(kMaxAkSn);
    case Field::kSaids:
      if (rules.has_teks()) return "values from 0 to " + std::to_string(rules.max_said());
      return "none (" + std::string(rekey::to_string(rules.profile)) + " derives no TEK)";
    case Field::kReference:
      return "at most " + std::to_string(kMaxReferenceOctets) + " octets of UTF-8 text in one line";
  }
  return {};
}

std::string quoted_name(std::string_view name) {
  constexpr std::size_t kLongestName = 24;
  const bool is_name = !name.empty() && name.size() <= kLongestName &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
                       });
  return is_name ? "`" + std::string(name) + "`" : "text that is no name";
}

}  // namespace rekey::wave

// SPDX-License-Identifier: Apache-2.0
#include "wave/json_wave_reader.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wave/record_fields.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {
namespace {

// Strings that the parser hands out are wiped when it is done with them.
using Json = nlohmann::basic_json<std::map, std::vector, SecretText>;

/// Takes the parser's events of one line and sets the record's fields as they come, so that no tree
/// of the line is built. A member that returns false ends the parse; status() says why. The members
/// are those of nlohmann::json_sax, which itself does not compile for strings of another kind.
class RecordEvents {
 public:
  RecordEvents(const Rules& rules, AmsRecord* out_record)
      : rules_(rules), out_record_(out_record) {}

  [[nodiscard]] const Status& status() const { return status_; }

  /// Whether every field the profile needs was there.
  Status check_complete() const {
    for (const Field field : kAllFields) {
      if (rules_.requires_field(field) && !seen(field)) {
        return wrong(std::string(to_string(field)), expected_form(rules_, field), "no such field");
      }
    }
    return {};
  }

  bool null() { return unexpected("null"); }
  bool boolean(bool) { return unexpected("true or false"); }
  bool number_integer(Json::number_integer_t value) { return unexpected_number(value); }
  bool number_unsigned(Json::number_unsigned_t value) {
    if (place_ == Place::kSaids) return set(add_said(rules_, value, out_record_));
    if (place_ == Place::kValue && is_number(field_)) {
      place_ = Place::kObject;
      return set(set_number(field_, value, out_record_));
    }
    return unexpected("a number");
  }
  template <typename String>
  bool number_float(Json::number_float_t, const String&) {
    return unexpected("a number that is too large or not whole");
  }
  bool string(Json::string_t& value) {
    if (place_ != Place::kValue || is_number(field_) || field_ == Field::kSaids) {
      return unexpected("a string");
    }
    place_ = Place::kObject;
    return set(set_field_from_text(rules_, field_, value, out_record_));
  }
  bool binary(Json::binary_t&) { return unexpected("binary data"); }
  bool start_object(std::size_t) {
    if (place_ != Place::kStart) return unexpected("an object");
    place_ = Place::kObject;
    return true;
  }
  bool key(Json::string_t& name) {
    const std::optional<Field> field = field_from_string(name);
    if (!field) {
      return set(wrong("object",
                       "the fields pmk, msid, bsid, nonce, cmac_key_count, ak_sn, saids and "
                       "reference",
                       quoted_name(name)));
    }
    if (seen(*field)) return set(wrong("object", "each field once", quoted_name(name) + " twice"));
    seen_.push_back(*field);
    field_ = *field;
    place_ = Place::kValue;
    return true;
  }
  bool end_object() { return true; }
  bool start_array(std::size_t) {
    if (place_ != Place::kValue || field_ != Field::kSaids) return unexpected("a list");
    place_ = Place::kSaids;
    return true;
  }
  bool end_array() {
    place_ = Place::kObject;
    return true;
  }
  /// The exception's text quotes the line, which may hold a PMK: it is not used.
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    return set(
        Status::invalid_argument("expected a JSON object, found a mistake in its syntax "
                                 "at position " +
                                 std::to_string(position)));
  }

 private:
  enum class Place : std::uint8_t { kStart, kObject, kValue, kSaids };

  static bool is_number(Field field) {
    return field == Field::kCmacKeyCount || field == Field::kAkSn;
  }

  static Status wrong(const std::string& field, const std::string& expected,
                      const std::string& found) {
    return Status::invalid_argument(field + ": expected " + expected + ", found " + found);
  }

  [[nodiscard]] bool seen(Field field) const {
    return std::find(seen_.begin(), seen_.end(), field) != seen_.end();
  }

  bool set(Status status) {
    status_ = std::move(status);
    return status_.ok();
  }

  bool unexpected_number(Json::number_integer_t value) {
    const bool number_is_due = place_ == Place::kSaids || is_number(field_);
    return unexpected(number_is_due ? std::to_string(value) : "a number");
  }

  bool unexpected(const std::string& found) {
    if (place_ == Place::kStart || place_ == Place::kObject) {
      return set(Status::invalid_argument("expected a JSON object, found " + found));
    }
    std::string expected = expected_form(rules_, field_);
    if (field_ == Field::kSaids) {
      expected = "a list of " + expected;
    } else if (!is_number(field_)) {
      expected = "a string of " + expected;
    }
    return set(wrong(std::string(to_string(field_)), expected, found));
  }

  const Rules& rules_;
  AmsRecord* out_record_;
  Status status_;
  Place place_ = Place::kStart;
  Field field_ = Field::kPmk;
  std::vector<Field> seen_;
};

}  // namespace

Status JsonWaveReader::parse_record(std::string_view line, AmsRecord* out_record) {
  RecordEvents events(rules(), out_record);
  if (!Json::sax_parse(line.begin(), line.end(), &events)) return events.status();
  return events.check_complete();
}

}  // namespace rekey::wave

// SPDX-License-Identifier: Apache-2.0
#include "config/share_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>

namespace rekey::config {
namespace {

using scheduler::Share;

constexpr std::uint64_t kMostOfShare = 1'000'000'000'000;

Status wrong(std::string_view expected, std::string_view found) {
  return Status::invalid_argument("expected " + std::string(expected) + ", found '" +
                                  std::string(found) + "'");
}

/// Takes one `key=number`.
Status parse_entry(std::string_view entry, std::set<std::string_view>* seen, Share* share) {
  const std::size_t equals = std::min(entry.find('='), entry.size());
  const std::string_view key = entry.substr(0, equals);
  std::uint64_t most = kMostOfShare;
  if (key == "weight") {
    most = Share::kMaxWeight;
  } else if (key != "rate" && key != "burst") {
    return wrong("weight, rate or burst", key);
  }
  if (!seen->insert(key).second) return wrong(std::string(key) + " once", entry);
  const std::string_view text = entry.substr(std::min(equals + 1, entry.size()));
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < 1 || number > most) {
    return wrong(std::string(key) + "= and a number from 1 to " + std::to_string(most), entry);
  }
  if (key == "weight") share->weight = static_cast<std::uint32_t>(number);
  if (key == "rate") share->items_per_s = number;
  if (key == "burst") share->burst_items = number;
  return {};
}

Status parse_share(std::string_view text, std::string_view* out_name, Share* out_share) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) {
    return wrong("a caller's name, a colon and its share (gateway:weight=4,rate=200000)", text);
  }
  Share share;
  std::set<std::string_view> seen;
  for (std::string_view rest = text.substr(colon + 1);;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (Status s = parse_entry(rest.substr(0, comma), &seen, &share); !s.ok()) return s;
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  if (share.items_per_s == 0 && share.burst_items != 0) return wrong("rate beside burst", text);
  if (share.burst_items == 0) share.burst_items = share.items_per_s;
  *out_name = text.substr(0, colon);
  *out_share = share;
  return {};
}

std::string show_share(std::string_view name, const Share& share) {
  std::string text = std::string(name) + ":weight=" + std::to_string(share.weight);
  if (share.items_per_s == 0) return text;
  return text + ",rate=" + std::to_string(share.items_per_s) +
         ",burst=" + std::to_string(share.burst_items);
}

}  // namespace

Status parse_shares(const std::vector<std::string>& texts, scheduler::Shares* out_shares) {
  scheduler::Shares shares;
  bool any_given = false;
  for (const std::string& text : texts) {
    std::string_view name;
    Share share;
    if (Status s = parse_share(text, &name, &share); !s.ok()) return s;
    const bool any = name == kAnyCaller;
    if (any ? any_given : !shares.named.emplace(name, share).second) {
      return wrong("each caller once", name);
    }
    if (!any) continue;
    any_given = true;
    shares.each = share;
  }
  *out_shares = std::move(shares);
  return {};
}

std::vector<std::string> show_shares(const scheduler::Shares& shares) {
  std::vector<std::string> texts;
  if (shares.each != Share{}) texts.push_back(show_share(kAnyCaller, shares.each));
  for (const auto& [name, share] : shares.named) texts.push_back(show_share(name, share));
  return texts;
}

}  // namespace rekey::config

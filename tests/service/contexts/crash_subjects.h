// SPDX-License-Identifier: Apache-2.0
//
// AMSs that are asked for at random, beside the model's: for tests that kill the server meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "contexts/context.h"
#include "rekey/v1/key_contexts.pb.h"
#include "service/contexts/model.h"

namespace rekey::contexts::test {

/// Subject is one AMS.
struct Subject {
  Msid msid{};
  ModelAms model;
  std::uint8_t pmks = 0;  ///< that it has had

  [[nodiscard]] std::string name() const { return {msid.begin(), msid.end()}; }
};

/// AnyRequest is a request that changes something.
using AnyRequest = std::variant<v1::EstablishRequest, v1::StartHandoverRequest,
                                v1::CompleteHandoverRequest, v1::CancelHandoverRequest,
                                v1::UpdateTekRequest, v1::ReauthenticateRequest, v1::RemoveRequest>;

/// Step is one request about some subjects. apply() does it to an item's model, and returns whether
/// the specification allows it.
struct Step {
  struct Item {
    std::size_t subject = 0;
    std::function<bool(ModelAms*)> apply;
  };
  AnyRequest request;
  std::vector<Item> items;
};

/// draw_step draws a request about a random part of `subjects`. Nothing in it waits for time to
/// pass: lifetimes are ten years, and spans are zero or none.
Step draw_step(std::mt19937_64& random, const std::string& operation_id,
               std::vector<Subject>* subjects);

/// expect_held expects an answered context to be one that the model holds, and its keys, if there
/// are any, to be those that OpenSSL derives.
void expect_held(const Subject& subject, const v1::KeyContext& context);

/// expect_all_held expects the answer to Get, with keys, to be what the model holds.
void expect_all_held(const Subject& subject, const v1::AmsContexts& item);

}  // namespace rekey::contexts::test

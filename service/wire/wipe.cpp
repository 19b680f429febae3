// SPDX-License-Identifier: Apache-2.0
#include "wire/wipe.h"

#include <string>

#include "rekey/secret.h"

namespace rekey::wire {
namespace {

/// The fields are read through their const getters, because a mutable one would allocate a string
/// for a field that was never set. Such a field has no octets, so the shared default is not
/// touched.
template <typename... Fields>
void wipe_fields(const Fields&... fields) {
  (wipe({reinterpret_cast<std::uint8_t*>(const_cast<char*>(fields.data())), fields.size()}), ...);
}

void wipe_authentication(const v1::Authentication& message) {
  wipe_fields(message.pmk(), message.nonce_ams(), message.nonce_bs());
}

}  // namespace

void wipe_secrets(v1::DeriveRequest* message) {
  for (v1::AmsInput& row : *message->mutable_items()) {
    wipe_fields(row.pmk(), row.msid(), row.bsid(), row.nonce());
  }
}

void wipe_secrets(v1::DeriveResponse* message) {
  for (v1::AmsKeys& row : *message->mutable_items()) {
    wipe_fields(row.msid_star(), row.ak(), row.akid(), row.cmac_key_u(), row.cmac_key_d(),
                row.kek());
    for (v1::Tek& tek : *row.mutable_teks()) wipe_fields(tek.key());
  }
}

void wipe_secrets(v1::DeriveBatchRequest* message) {
  wipe_fields(message->pmk(), message->msid(), message->bsid(), message->nonce(),
              message->cmac_key_count(), message->ak_sn(), message->sa_counts(), message->saids());
}

void wipe_secrets(v1::DeriveBatchResponse* message) {
  wipe_fields(message->codes(), message->msid_star(), message->ak(), message->akid(),
              message->cmac_key_u(), message->cmac_key_d(), message->kek(), message->teks());
}

void wipe_secrets(v1::EstablishRequest* message) {
  for (const v1::AmsRegistration& item : message->items())
    wipe_authentication(item.authentication());
}

void wipe_secrets(v1::ReauthenticateRequest* message) {
  for (const v1::ReauthenticateItem& item : message->items()) wipe_authentication(item.new_pmk());
}

void wipe_secrets(v1::AmsContexts* message) {
  for (const v1::KeyContext& context : message->contexts()) {
    const v1::ContextKeys& keys = context.keys();
    wipe_fields(keys.msid_star(), keys.ak(), keys.akid(), keys.cmac_key_u(), keys.cmac_key_d(),
                keys.kek());
    for (const v1::Tek& tek : keys.teks()) wipe_fields(tek.key());
  }
}

void wipe_secrets(v1::ContextsResponse* message) {
  for (v1::AmsContexts& item : *message->mutable_items()) wipe_secrets(&item);
}

}  // namespace rekey::wire

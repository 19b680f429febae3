// SPDX-License-Identifier: Apache-2.0
#include "rekey/engines.h"
#include "rekey/resident.h"
#include "resident/contexts_engine.h"

namespace rekey {

Status make_resident_contexts(Engine& engine, const ContextsShape& shape,
                              std::unique_ptr<ResidentContexts>* out_contexts) {
  if (Status s = check_shape(shape); !s.ok()) return s;
  ContextsEngine through_contexts(engine);
  if (Status s = admit(through_contexts); !s.ok()) {
    return {s.code(), "resident contexts: " + s.message()};
  }
  return engine.open_contexts(shape, out_contexts);
}

}  // namespace rekey

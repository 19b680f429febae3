# SPDX-License-Identifier: Apache-2.0
# rekey_embed(target symbol file): compiles the text of `file` into `target` at build time, as
#
#   namespace rekey::embedded { extern const std::string_view symbol; }
#
# which the file that uses it declares itself.
set(REKEY_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(rekey_embed target symbol file)
  get_filename_component(file ${file} ABSOLUTE)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D FROM=${file} -D TO=${source} -D SYMBOL=${symbol} -P ${REKEY_EMBED_SCRIPT}
    DEPENDS ${file} ${REKEY_EMBED_SCRIPT}
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()

# From here on: as a script, at build time.
if(NOT CMAKE_SCRIPT_MODE_FILE OR NOT DEFINED SYMBOL)
  return()
endif()
file(READ ${FROM} text)
string(FIND "${text}" ")embedded\"" end)
if(NOT end EQUAL -1)
  message(FATAL_ERROR "${FROM}: has )embedded\", which ends the string literal it is put in")
endif()
file(WRITE ${TO} "#include <string_view>
namespace rekey::embedded {
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL} = R\"embedded(${text})embedded\";
}  // namespace rekey::embedded
")

# SPDX-License-Identifier: Apache-2.0
# rekey_use_precompiled(target name): lets `target` read the headers of a precompiled set first.
#
# Every file of such a target sees these headers, asked for or not, so a forgotten #include compiles. And g++ warns at
# -O2 of what it inlined from them, as if they were ours. Builds without sanitizers precompile for tests alone. Only
# headers that leave nothing to compile in a file that does not use them belong here: CLI11 and nlohmann-json cost more
# than they save.
if(REKEY_SANITIZER)
  set(precompile ON)
else()
  set(precompile OFF)
endif()
set(REKEY_PRECOMPILE ${precompile} CACHE BOOL "Precompile what many files of the product include; on under sanitizers")

# ccache must be told that it may keep what was compiled with a precompiled header.
if(REKEY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${REKEY_CCACHE})
endif()

function(rekey_use_precompiled target name)
  if(REKEY_PRECOMPILE OR name STREQUAL test)
    target_precompile_headers(${target} REUSE_FROM rekey_precompiled_${name})
  endif()
endfunction()

# g++ takes a precompiled header only where the macros and flags it was made with are the file's: -Wpedantic counts too.
function(rekey_precompile name)
  set(source ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries a precompiled header.\n")
  add_library(rekey_precompiled_${name} OBJECT EXCLUDE_FROM_ALL ${source})
  target_link_libraries(rekey_precompiled_${name} PRIVATE rekey_warnings)
  target_precompile_headers(rekey_precompiled_${name} PRIVATE ${ARGN})
endfunction()

if(REKEY_PRECOMPILE)
  rekey_precompile(library
    <algorithm> <array> <atomic> <chrono> <cstdint> <cstring> <functional> <map> <memory> <mutex> <numeric> <optional>
    <random> <span> <sstream> <string> <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector>)
endif()
rekey_precompile(test
  <gmock/gmock.h> <gtest/gtest.h> <algorithm> <array> <chrono> <cstdint> <fstream> <functional> <future> <map>
  <optional> <random> <span> <sstream> <string> <thread> <unordered_map> <vector>)
target_link_libraries(rekey_precompiled_test PRIVATE GTest::gmock)
# Test programs are executables: position independent in the other way.
set_target_properties(rekey_precompiled_test PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_compile_options(rekey_precompiled_test PRIVATE -fPIE)

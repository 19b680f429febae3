# SPDX-License-Identifier: Apache-2.0
# How everything is compiled: language, warnings, sanitizers, places.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# Assertions stay on in production.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

find_program(REKEY_CCACHE ccache)
if(REKEY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${REKEY_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${REKEY_CCACHE})
endif()

# A function that is looked up when it is first called has the loader save the vector registers on the stack, with the
# keys that were copied last.
add_link_options(LINKER:-z,relro,-z,now)

set(REKEY_SANITIZER "" CACHE STRING "Sanitizers for every target, for example address,undefined")
if(REKEY_SANITIZER)
  # With more optimisation these checks take twice as long to compile, and find no more.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-Og -g1")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${REKEY_SANITIZER}>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>)
  add_link_options(-fsanitize=${REKEY_SANITIZER})
endif()

# Headers of gRPC, Protobuf and CLI11 cost more than our own lines: a target's files are compiled eight at a time, in
# half the time. Names in their unnamed namespaces must differ; where they had better not, the target says
# UNITY_BUILD OFF.
set(REKEY_UNITY ON CACHE BOOL "Compile eight files at a time; without, what one file left to another is found")
if(REKEY_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
  # g++ takes unnamed namespaces of files that are included for those of headers.
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endif()

# rekey_derives_keys(target): code that tests run for millions of keys is optimised under sanitizers too.
function(rekey_derives_keys target)
  if(REKEY_SANITIZER)
    target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  endif()
endfunction()

# The warnings of our own code; generated code is compiled without them.
add_library(rekey_warnings INTERFACE)
target_compile_options(rekey_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wnon-virtual-dtor;-Werror>)

option(REKEY_BENCHMARKS "Build rekey-bench and its tests" ON)

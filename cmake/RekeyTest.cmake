# SPDX-License-Identifier: Apache-2.0
# rekey_add_test(NAME name SOURCES file... [LIBRARIES target...] [OPTIMIZED] LABELS label...)
#
# Builds one GoogleTest program and registers it with ctest as one test under the labels given: unit, vectors, property,
# integration, simulation, device, fuzz, slow; and threads, for the tests that ThreadSanitizer is to watch.
#
# The program's own files are compiled at -Og, which takes a third less time than -O2; what they test lies in libraries.
# OPTIMIZED is for a test of what lies in headers: it is compiled as the libraries are.
#
# Tests begin in the order of their property COST. Those that take long, in some preset, have their seconds there, so
# that none of them runs by itself at the end.
enable_testing()
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)

# rekey_link_fast(target): for programs that are not shipped. GNU ld takes 1.5 s of processor time for one, lld 0.3 s.
find_program(REKEY_LLD ld.lld)
function(rekey_link_fast target)
  if(REKEY_LLD)
    target_link_options(${target} PRIVATE -fuse-ld=lld)
  endif()
endfunction()

# For the ENVIRONMENT of tests that run a gRPC server or client: see the file.
set(REKEY_GRPC_TSAN_OPTIONS "suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp:ignore_noninstrumented_modules=1")

function(rekey_add_test)
  cmake_parse_arguments(TEST "OPTIMIZED" "NAME" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT TEST_NAME OR NOT TEST_SOURCES OR NOT TEST_LABELS OR TEST_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "rekey_add_test: NAME, SOURCES and LABELS are needed; unknown: ${TEST_UNPARSED_ARGUMENTS}")
  endif()
  add_executable(${TEST_NAME} ${TEST_SOURCES})
  target_include_directories(${TEST_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${TEST_NAME} PRIVATE ${TEST_LIBRARIES} rekey_warnings GTest::gmock GTest::gtest_main)
  if(NOT TEST_OPTIMIZED)
    target_compile_options(${TEST_NAME} PRIVATE $<$<CONFIG:RelWithDebInfo>:-Og>)
  endif()
  rekey_use_precompiled(${TEST_NAME} test)
  rekey_link_fast(${TEST_NAME})
  set_target_properties(${TEST_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${TEST_NAME} COMMAND ${TEST_NAME})
  if("threads" IN_LIST TEST_LABELS)
    add_dependencies(rekey_threads ${TEST_NAME})
  endif()
  set_tests_properties(${TEST_NAME} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT 300)
endfunction()

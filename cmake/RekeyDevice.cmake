# SPDX-License-Identifier: Apache-2.0
# Tests of compiled kernels: on a GPU where there is one, and on ptxrun, a CUDA runtime that runs a program's PTX on the
# CPU and lies beside the project.

# rekey_add_cuda_test(NAME name SOURCES file... [LIBRARIES target...])
#
# A test that needs a device and says why it was skipped. It links the shared CUDA runtime, so that another one can take
# its place.
function(rekey_add_cuda_test)
  cmake_parse_arguments(TEST "" "NAME" "SOURCES;LIBRARIES" ${ARGN})
  rekey_add_test(NAME ${TEST_NAME} SOURCES ${TEST_SOURCES}
    LIBRARIES rekey_test_support ${TEST_LIBRARIES}
    LABELS device)
  set_target_properties(${TEST_NAME} PROPERTIES REKEY_SHARED_CUDART ON)
  target_include_directories(${TEST_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/kernels)
  # LD_LIBRARY_PATH goes before RUNPATH, but not before RPATH.
  target_link_options(${TEST_NAME} PRIVATE LINKER:--enable-new-dtags)
  set_tests_properties(${TEST_NAME} PROPERTIES SKIP_REGULAR_EXPRESSION "  SKIPPED ")
endfunction()

set(REKEY_PTXRUN "${PROJECT_SOURCE_DIR}/../shared/ptxrun"
  CACHE PATH "Folder of ptxrun, to test the kernels without a GPU")
set(REKEY_HAVE_PTXRUN OFF)
if(REKEY_HAVE_CUDA)
  if(EXISTS ${REKEY_PTXRUN}/cudart_cpu.cpp)
    set(REKEY_HAVE_PTXRUN ON)
  else()
    message(STATUS "Kernels are tested on a GPU only: no ptxrun in ${REKEY_PTXRUN}")
  endif()
endif()

if(REKEY_HAVE_PTXRUN)
  set(PTXRUN_BUILD ${CMAKE_BINARY_DIR}/ptxrun)
  find_package(Threads REQUIRED)
  add_library(ptxrun_cudart SHARED ${REKEY_PTXRUN}/cudart_cpu.cpp)
  target_include_directories(ptxrun_cudart PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
  target_compile_options(ptxrun_cudart PRIVATE -w)
  target_link_options(ptxrun_cudart PRIVATE LINKER:--version-script=${REKEY_PTXRUN}/libcudart.map)
  target_link_libraries(ptxrun_cudart PRIVATE ${CMAKE_DL_LIBS} Threads::Threads)
  set_target_properties(ptxrun_cudart PROPERTIES
    OUTPUT_NAME cudart
    SOVERSION ${CUDAToolkit_VERSION_MAJOR}
    CXX_VISIBILITY_PRESET hidden
    LIBRARY_OUTPUT_DIRECTORY ${PTXRUN_BUILD})

  set(PTXRUN_ENVIRONMENT
    LD_LIBRARY_PATH=${PTXRUN_BUILD}
    PTXRUN_HOME=${REKEY_PTXRUN}
    PTXRUN_CACHE=${PTXRUN_BUILD}/cache
    PTXRUN_CHECK=1
    PTXRUN_LEAKS=1
    REKEY_EXPECT_DEVICE=1)
endif()

# rekey_add_ptxrun_test(name program [SETTING=value...]): runs a program once more, on ptxrun under these settings. The
# first run of cuda_device_test fills the cache of translated kernels for all others.
function(rekey_add_ptxrun_test NAME PROGRAM)
  if(NOT REKEY_HAVE_PTXRUN)
    return()
  endif()
  add_test(NAME ${PROGRAM}.${NAME} COMMAND ${PROGRAM})
  add_dependencies(${PROGRAM} ptxrun_cudart)
  set_tests_properties(${PROGRAM}.${NAME} PROPERTIES
    LABELS device
    TIMEOUT 300
    ENVIRONMENT "${PTXRUN_ENVIRONMENT};${ARGN}"
    FAIL_REGULAR_EXPRESSION "at exit: [1-9];ptxrun: cuda;  SKIPPED "
    FIXTURES_REQUIRED ptxrun_translations)
endfunction()

# What one run hides shows when threads run in another order (missing barriers), asynchronous work runs as late as
# allowed (missing synchronization), and the host must not touch device memory. Accesses are checked and allocations
# counted in every run.

# rekey_add_ptxrun_matrix(program [SETTING=value...]): the runs of continuous integration. Guarding the host takes long
# where engines are made often: a test adds that run itself.
function(rekey_add_ptxrun_matrix PROGRAM)
  rekey_add_ptxrun_test(shuffled ${PROGRAM} PTXRUN_ORDER=5 PTXRUN_THREADS=2 ${ARGN})
  rekey_add_ptxrun_test(late ${PROGRAM} PTXRUN_ORDER=1 PTXRUN_ASYNC=late ${ARGN})
endfunction()

# rekey_add_ptxrun_long_matrix(program [SETTING=value...]): every combination, guarded, with the label slow.
function(rekey_add_ptxrun_long_matrix PROGRAM)
  if(NOT REKEY_HAVE_PTXRUN)
    return()
  endif()
  foreach(ORDER IN ITEMS 0 1 2 17 4711)
    foreach(ASYNC IN ITEMS now late)
      set(NAME matrix_${ORDER}_${ASYNC})
      rekey_add_ptxrun_test(${NAME} ${PROGRAM} PTXRUN_ORDER=${ORDER} PTXRUN_ASYNC=${ASYNC} PTXRUN_HOSTGUARD=1 ${ARGN})
      set_tests_properties(${PROGRAM}.${NAME} PROPERTIES LABELS "device;slow")
    endforeach()
  endforeach()
endfunction()

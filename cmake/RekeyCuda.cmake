# SPDX-License-Identifier: Apache-2.0
# Finds the CUDA toolkit. Sets REKEY_HAVE_CUDA; without a toolkit the GPU engine is left out.
set(REKEY_CUDA "AUTO" CACHE STRING "GPU engine: AUTO (when a CUDA toolkit is found), ON or OFF")
set_property(CACHE REKEY_CUDA PROPERTY STRINGS AUTO ON OFF)

set(REKEY_HAVE_CUDA OFF)
set(REKEY_CUDA_MISSING "REKEY_CUDA=OFF")
if(NOT REKEY_CUDA STREQUAL "OFF")
  # What scripts/install-cuda brought, where the machine has no toolkit of its own.
  find_program(REKEY_NVCC nvcc PATHS ${PROJECT_SOURCE_DIR}/build/cuda/bin)
  if(REKEY_NVCC AND NOT DEFINED CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    set(CMAKE_CUDA_COMPILER ${REKEY_NVCC})
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    # Real code for A100 and H100 class devices, PTX for later ones; the preset `dist` has more.
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90 CACHE STRING "GPU architectures")
    enable_language(CUDA)
    if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12.0)
      set(REKEY_CUDA_MISSING "nvcc ${CMAKE_CUDA_COMPILER_VERSION} is older than 12.0 and has no C++20")
    else()
      set(REKEY_HAVE_CUDA ON)
    endif()
  else()
    set(REKEY_CUDA_MISSING "no CUDA toolkit: nvcc was not found")
  endif()
endif()

if(REKEY_HAVE_CUDA)
  # The oldest device with code in this build, as 80 for compute capability 8.0.
  string(REGEX MATCHALL "[0-9]+" CAPABILITIES "${CMAKE_CUDA_ARCHITECTURES}")
  if(NOT CAPABILITIES)
    message(FATAL_ERROR
      "CMAKE_CUDA_ARCHITECTURES: expected numbers as in 80-real;90, found ${CMAKE_CUDA_ARCHITECTURES}")
  endif()
  list(SORT CAPABILITIES COMPARE NATURAL)
  list(GET CAPABILITIES 0 REKEY_CUDA_MINIMUM_CAPABILITY)
  find_package(CUDAToolkit REQUIRED)
  # CMake 3.25 does not know that nvcc has C++20.
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_EXTENSIONS OFF)
  # Assertions stay on in production.
  set(CMAKE_CUDA_FLAGS_RELWITHDEBINFO "-O2 -g1")
  # Plain PTX, so that a runtime other than NVIDIA's can read it too; line numbers for profilers.
  add_compile_options($<$<COMPILE_LANGUAGE:CUDA>:--no-compress> $<$<COMPILE_LANGUAGE:CUDA>:-lineinfo>)
  # Who links a program chooses the CUDA runtime: the library `rekey` the static one, device tests a shared one.
  set(CMAKE_CUDA_RUNTIME_LIBRARY None)
  message(STATUS "GPU engine: built with CUDA ${CMAKE_CUDA_COMPILER_VERSION} for ${CMAKE_CUDA_ARCHITECTURES}")
elseif(REKEY_CUDA STREQUAL "ON")
  message(FATAL_ERROR "REKEY_CUDA=ON, but ${REKEY_CUDA_MISSING}")
else()
  message(STATUS "GPU engine: left out (${REKEY_CUDA_MISSING})")
endif()

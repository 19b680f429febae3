# SPDX-License-Identifier: Apache-2.0
# cmake -D NM=... -D PROGRAM=... -P check_runtime_double.cmake
#
# A program that runtime_double.cpp is linked into must leave no call to the CUDA runtime to the runtime itself, but
# those that cannot fail: else a call could be added that no fault test makes fail.
execute_process(COMMAND ${NM} --dynamic --undefined-only ${PROGRAM} OUTPUT_VARIABLE SYMBOLS COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "U (__)?cuda[A-Za-z0-9_]+" CALLS "${SYMBOLS}")
if(NOT CALLS)
  message(FATAL_ERROR "${PROGRAM} makes no call to the CUDA runtime: it does not link it as a shared library")
endif()
list(TRANSFORM CALLS REPLACE "^U " "")
list(FILTER CALLS EXCLUDE REGEX "^__cuda((Unr|R)egister|(Push|Pop)CallConfiguration)")
list(REMOVE_ITEM CALLS cudaGetErrorName cudaGetErrorString)
if(CALLS)
  message(FATAL_ERROR "runtime_double.cpp does not stand before: ${CALLS}")
endif()

// SPDX-License-Identifier: Apache-2.0
//
// What lets one source be device code under nvcc and plain C++ everywhere else, so that the tests
// run on the host exactly what runs on the GPU.
#pragma once

#ifdef __CUDACC__
#define REKEY_HOST_DEVICE __host__ __device__
/// Keeps the large block functions out of line: one copy of each in a kernel, not one a call.
#define REKEY_HOST_DEVICE_NOINLINE __host__ __device__ __noinline__
#else
#define REKEY_HOST_DEVICE
#define REKEY_HOST_DEVICE_NOINLINE
#endif

/// Stands before a loop over registers, which must not stay a loop on a device.
#ifdef __CUDA_ARCH__
#define REKEY_UNROLL _Pragma("unroll")
/// Stands before a loop whose body is large enough, or runs seldom enough, to stay one.
#define REKEY_NO_UNROLL _Pragma("unroll 1")
#else
#define REKEY_UNROLL
#define REKEY_NO_UNROLL
#endif

# SPDX-License-Identifier: Apache-2.0
# Finds gRPC, as gRPC::grpc++. Not by pkg-config, which CMake asks twenty times about it and which takes ten seconds to
# answer.
find_package(gRPC CONFIG REQUIRED)
# With -pthread, which re2 behind it asks for and glibc does not need, g++ takes no precompiled header.
set_property(TARGET re2::re2 PROPERTY INTERFACE_COMPILE_OPTIONS "")

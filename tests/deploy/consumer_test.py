#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Installs librekey as a package, and builds and runs a program of somebody else's with it."""
import argparse
import os
import subprocess
import sys
import tempfile

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--cmake", required=True)
PARSER.add_argument("--build", required=True, help="the build folder to install from")
PARSER.add_argument("--example", required=True)
ARGUMENTS = PARSER.parse_args()


def run(*command):
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


with tempfile.TemporaryDirectory() as folder:
    prefix, build = os.path.join(folder, "prefix"), os.path.join(folder, "build")
    run(ARGUMENTS.cmake, "--install", ARGUMENTS.build, "--component", "librekey", "--prefix", prefix)
    headers = os.listdir(os.path.join(prefix, "include/rekey"))
    assert "batch.h" in headers and os.listdir(os.path.join(prefix, "include")) == ["rekey"], headers
    run(ARGUMENTS.cmake, "-S", ARGUMENTS.example, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    run(ARGUMENTS.cmake, "--build", build)
    said = run(os.path.join(build, "consumer"))
    print(said, end="")
    assert said.startswith("ak d7eaa9683c377b76a2385b8454b57ae7c9ad3224 derived by "), said

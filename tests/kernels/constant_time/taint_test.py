#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No branch and no address depends on a key, in what runs: taint_probe under Valgrind's memcheck, nothing suppressed.

AVX-512 is beyond Valgrind, which shows a processor without it: its targets are left to trace_test.py.
"""
import argparse
import platform
import subprocess
import sys
import unittest

SKIPPED = 77
LEAK = 99
BRANCH = "Conditional jump or move depends on uninitialised value"
ADDRESS = "Use of uninitialised value of size 8"

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--valgrind", default="")
PARSER.add_argument("--probe", default="")
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()


def probe(argument):
    return subprocess.run(
        [ARGUMENTS.valgrind, "--tool=memcheck", "--quiet", f"--error-exitcode={LEAK}", ARGUMENTS.probe, argument],
        capture_output=True, text=True, timeout=280)


class TaintTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        listed = probe("--list")
        if listed.returncode != 0:
            raise AssertionError(listed.stderr)
        cls.subjects = listed.stdout.split()

    def assert_silent(self, subject):
        ran = probe(subject)
        self.assertEqual(ran.returncode, 0, ran.stderr[:4000])
        self.assertEqual(ran.stderr, "")
        return ran.stdout

    def assert_seen(self, subject, what):
        ran = probe(subject)
        self.assertEqual(ran.returncode, LEAK, ran.stderr)
        self.assertIn(what, ran.stderr)

    def test_a_branch_on_a_key_is_seen(self):
        self.assert_seen("double_early_exit", BRANCH)

    def test_an_address_made_of_a_key_is_seen(self):
        self.assert_seen("double_table_lookup", ADDRESS)

    def test_work_without_either_is_not_reported(self):
        self.assert_silent("double_branch_free")

    def test_the_device_code_on_the_host(self):
        print(self.assert_silent("cuda_on_host"), end="")

    def test_the_vector_engine(self):
        targets = [subject for subject in self.subjects if subject.startswith("simd_")]
        if platform.machine() == "x86_64":
            self.assertIn("simd_SSSE3", targets)
        for target in targets:
            with self.subTest(target):
                print(self.assert_silent(target), end="")


if __name__ == "__main__":
    if not ARGUMENTS.valgrind or not ARGUMENTS.probe:
        print("SKIPPED: valgrind or its header valgrind/memcheck.h was not found when this was built")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1] + UNITTEST_ARGUMENTS)

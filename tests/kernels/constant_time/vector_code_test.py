#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The vector engine's machine code has no way out of the vector registers; vector_code.py says what that means."""
import argparse
import re
import subprocess
import sys
import unittest

import vector_code

SKIPPED = 77

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--program", default="", help="a program that has the vector engine in it")
PARSER.add_argument("--planted", default="", help="the library made of planted_leaks.cpp")
PARSER.add_argument("--targets", default="", help="a program that prints, one a line, the targets this machine runs")
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()

MOVED = "vector data moved to a general register"
FLAGS = "flags set from vectors"
PLANTED = {
    "moved_low_octets": MOVED,
    "moved_high_octets": MOVED,
    "moved_sign_bits": MOVED,
    "moved_mask": MOVED,
    "moved_on_one_path": MOVED,
    "moved_after_call": MOVED,
    "flags_of_test": FLAGS,
    "flags_of_mask": FLAGS,
    "gather_by_key": "gather or scatter",
    "scatter_by_key": "gather or scatter",
    "masked_load": "load or store under a mask made of vectors",
    "masked_load_avx": "load or store under a vector's mask",
    "uneven_time": "time depends on the operands",
}
CLEAN = {"clean_round", "clean_blend", "clean_parking", "clean_mask_parking"}


def base_name(function):
    return re.search(r"N_PLANTED::(\w+)", function)[1]


class PlantedLeaksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.functions = vector_code.disassemble(ARGUMENTS.planted)

    def test_all_planted_functions_are_searched(self):
        self.assertEqual({base_name(name) for name in self.functions}, PLANTED.keys() | CLEAN)

    def test_every_leak_is_found_and_nothing_else(self):
        found = {}
        for finding in vector_code.search(self.functions):
            found.setdefault(base_name(finding.function), set()).add(finding.what)
        self.assertEqual(found, {name: {what} for name, what in PLANTED.items()})


class VectorEngineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.functions = vector_code.disassemble(ARGUMENTS.program)

    def test_there_is_no_way_out_of_the_vector_registers(self):
        findings = [f"{finding.instruction.text}: {finding.what}, in {finding.function}"
                    for finding in vector_code.search(self.functions)]
        self.assertEqual(findings, [])

    def test_every_target_of_this_machine_was_searched(self):
        listed = subprocess.run([ARGUMENTS.targets, "--targets"], check=True, capture_output=True, text=True)
        searched = vector_code.targets(self.functions)
        for target in listed.stdout.split():
            # Less than this is no AES.
            self.assertGreater(searched[target], 1000, target)
        print(", ".join(f"{target}: {count} instructions" for target, count in searched.items()))


if __name__ == "__main__":
    if not ARGUMENTS.program:
        print("SKIPPED: only machine code for x86-64 is searched")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1] + UNITTEST_ARGUMENTS)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Under every key the vector engine runs through the same instructions and the same addresses, on targets with AVX-512.

The other targets are memcheck's, which sees more: taint_test.py.

trace_probe single-steps through the same derivation under several keys and prints where general registers differ. An
address is key-dependent where an instruction makes it of such a register. Divisions are looked at too: their time
depends on their operands.
"""
import argparse
import collections
import re
import subprocess
import sys
import unittest

SKIPPED = 77

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--probe", default="")
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()

CODE = re.compile(r"^\s*([0-9a-f]+):\t(.*)$")
MEMORY = re.compile(r"\(([^)]*)\)")
GENERAL = re.compile(r"%(\w+)")
NO_ACCESS = re.compile(r"^(?:lea|nop)")
MAX_INSTRUCTION_OCTETS = 15


def whole_register(name):
    """Returns the 64-bit register that a register is part of."""
    if match := re.match(r"^(r\d+)[bwd]?$", name):
        return match[1]
    if match := re.match(r"^[er]?([abcd])[xlh]$", name):
        return f"r{match[1]}x"
    if match := re.match(r"^[er]?(si|di|bp|sp)l?$", name):
        return f"r{match[1]}"
    return name


def timed_registers(instruction):
    """Returns the registers on which an instruction's address, or its time, depends."""
    text = re.sub(r"\s*(?:<.*>|#.*)$", "", instruction)
    names = set()
    words = text.split()
    if not any(NO_ACCESS.match(word) for word in words[:3]):
        for memory in MEMORY.findall(text):
            names |= {whole_register(name) for name in GENERAL.findall(memory)}
    if words[0].startswith("rep"):
        names.add("rcx")
    if words[0].startswith(("push", "pop", "call", "ret")):
        names.add("rsp")
    if words[0] == "leave":
        names.add("rbp")
    if re.match(r"^i?div", words[0]):
        names |= {"rax", "rdx"} | {whole_register(name) for name in GENERAL.findall(text)}
    return names


def disassemble(module, addresses):
    """Returns {address: instruction} of a module from the first address to the last."""
    ran = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", "--wide",
                          f"--start-address={min(addresses)}",
                          f"--stop-address={max(addresses) + MAX_INSTRUCTION_OCTETS}", module],
                         check=True, capture_output=True, text=True)
    return {int(match[1], 16): match[2] for match in map(CODE.match, ran.stdout.splitlines()) if match}


def probe(argument):
    return subprocess.run([ARGUMENTS.probe, argument], capture_output=True, text=True, timeout=280)


def findings_of(trace):
    """Returns what depends on the key in the output of trace_probe, and how many steps it saw."""
    findings = []
    steps = 0
    differing = collections.defaultdict(dict)
    for line in trace.splitlines():
        what, *rest = line.split()
        if what == "steps":
            steps += int(rest[0])
        elif what == "path":
            findings.append(f"branch: {rest[0]} {rest[1]} is not executed under every key")
        else:
            differing[rest[0]].setdefault(int(rest[1], 16), set()).update(rest[2:])
    for module, registers in differing.items():
        code = disassemble(module, registers)
        for address, names in registers.items():
            dependent = timed_registers(code[address]) & names
            if dependent:
                findings.append(f"address: {module} {address:x}: {code[address]}: {' '.join(sorted(dependent))}")
    return findings, steps


class TimedRegistersTest(unittest.TestCase):
    def test_instructions(self):
        for text, expected in {
                "mov    0x8(%rax,%rcx,4),%edx": {"rax", "rcx"},
                "movzbl (%r8,%r9d,1),%r10d": {"r8", "r9"},
                "lea    (%rax,%rcx,1),%rdx": set(),
                "cs nopw 0x0(%rax,%rax,1)": set(),
                "mov    %rax,%rdx": set(),
                "mov    %al,-0x1(%rsp)": {"rsp"},
                "rep stos %al,%es:(%rdi)": {"rdi", "rcx"},
                "push   %rbx": {"rsp"},
                "leave": {"rbp"},
                "div    %r9": {"rax", "rdx", "r9"},
                "mov    0x2004(%rip),%rax        # 4008 <table>": {"rip"},
        }.items():
            with self.subTest(text):
                self.assertEqual(timed_registers(text), expected)


class TraceTest(unittest.TestCase):
    def trace(self, subject):
        ran = probe(subject)
        if ran.returncode == SKIPPED:
            self.skipTest(ran.stdout.splitlines()[-1])
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        findings, steps = findings_of(ran.stdout)
        self.assertGreater(steps, 0)
        return findings, steps

    def test_a_branch_on_a_key_is_seen(self):
        findings, _ = self.trace("double_early_exit")
        self.assertTrue(any(finding.startswith("branch: ") for finding in findings), findings)

    def test_an_address_made_of_a_key_is_seen(self):
        findings, _ = self.trace("double_table_lookup")
        self.assertTrue(findings)
        self.assertTrue(all(finding.startswith("address: ") for finding in findings), findings)

    def test_work_without_either_is_not_reported(self):
        findings, _ = self.trace("double_branch_free")
        self.assertEqual(findings, [])

    def test_the_vector_engine(self):
        subjects = [subject for subject in probe("--list").stdout.split() if subject.startswith("simd_AVX3")]
        if not subjects:
            self.skipTest("this machine has no AVX-512")
        for subject in subjects:
            with self.subTest(subject):
                findings, steps = self.trace(subject)
                self.assertEqual(findings, [])
                print(f"{subject}: {steps} instructions, all the same under every key")


if __name__ == "__main__":
    if not ARGUMENTS.probe:
        print("SKIPPED: only programs for Linux on x86-64 are traced")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1] + UNITTEST_ARGUMENTS)

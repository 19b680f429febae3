#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the compiled GPU kernels to their bars: instructions and octets an AMS, registers, no spills, no tables.

The workload runs on ptxrun with counters; estimate.py charges each SASS instruction with the runs of its PTX line.
"""
import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

AMSS = 512
THREADS = 256  # of a block: what must fit a multiprocessor's registers without spills
REGISTERS = 65536  # of one multiprocessor, sm_75 to sm_120
# At most 12,000 instructions an AMS in 16m-draft, whose 17 AES blocks are the measure of the others
# (key-derivation specification, section 4; PREKEY's T(0) is not needed).
AES_BLOCKS = {'16m-draft': 17, '16m-published': 19, 'legacy-16e': 19}
INSTRUCTIONS_A_BLOCK = 12000 / 17
# Octets of the columns: inputs, and results. Legacy takes neither nonce nor SAID and has a KEK for the TEKs and MSID*.
COLUMN_OCTETS = {'16m-draft': 20 + 6 + 6 + 8 + 2 + 1 + 1 + 6 + 20 + 8 + 32 + 32,
                 '16m-published': 20 + 6 + 6 + 8 + 2 + 1 + 1 + 6 + 20 + 8 + 32 + 32,
                 'legacy-16e': 20 + 6 + 6 + 2 + 1 + 20 + 8 + 32 + 16}
# The number of an AMS's row is read for every value in it: PMK, MSID, nonce, AK_SN, SAID.
ROW_NUMBER_OCTETS = 5 * 4
# What a table in constant, shared or any memory would be read with; a cipher with tables would do so more often than
# almost all else. Local memory is read at addresses of loops.
TABLE_READS = {'LDC', 'LDS', 'LD'}


class Sass(unittest.TestCase):
    def profile(self, profile, seed, *resident):
        """Runs the workload; returns its profile's path, to be read before the next run."""
        path = os.path.join(self.folder, '.'.join([profile, str(seed), *resident, 'jsonl']))
        subprocess.run([arguments.workload, profile, str(AMSS), str(seed), *resident], check=True,
                       env=dict(os.environ, PTXRUN_PROFILE=path))
        return path

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def kernels(self, path):
        estimate = [sys.executable, os.path.join(arguments.ptxrun, 'estimate.py'), path, '--arch', arguments.ptx_arch,
                    '--json', '--kernel', 'ams_kernel']
        output = subprocess.run(estimate, check=True, stdout=subprocess.PIPE, text=True).stdout
        return [json.loads(line) for line in output.splitlines()]

    def test_bars(self):
        for profile, resident in itertools.product(AES_BLOCKS, [[], ['resident']]):
            with self.subTest(profile=profile, resident=resident):
                blocks = AES_BLOCKS[profile]
                kernels = self.kernels(self.profile(profile, 1, *resident))
                self.assertEqual(len(kernels), 1, 'one kernel derives everything')
                kernel = kernels[0]
                instructions = kernel['sass_per_thread'] * kernel['threads'] / AMSS
                octets = kernel['global_bytes_per_launch'] * kernel['launches'] / AMSS
                units = {unit: round(count * kernel['threads'] / AMSS) for unit, count in kernel['units'].items()}
                name = ' '.join([profile, *resident])
                print(f'{name}: {instructions:.0f} instructions an AMS {units}, {octets:.0f} octets, '
                      f'{kernel["registers"]} registers')
                self.assertLessEqual(instructions, INSTRUCTIONS_A_BLOCK * blocks)
                self.assertGreater(instructions, INSTRUCTIONS_A_BLOCK * blocks / 4, 'the count missed something')
                row_octets = ROW_NUMBER_OCTETS if resident else 0
                self.assertLessEqual(octets, 1.1 * (COLUMN_OCTETS[profile] + row_octets))
                self.assertFalse(TABLE_READS & set(kernel['top']), 'among the most frequent instructions')

    def test_control_flow_does_not_depend_on_keys(self):
        for profile in AES_BLOCKS:
            with self.subTest(profile=profile):
                runs = []
                for seed in (1, 2):
                    with open(self.profile(profile, seed)) as lines:
                        runs.append([(run['kernel'], run['bb']) for run in map(json.loads, lines)])
                self.assertEqual(runs[0], runs[1])

    def test_no_spills(self):
        for architecture in arguments.architectures.split(','):
            command = [arguments.nvcc, '-std=c++20', '-O2', '-cubin', '-arch=' + architecture, '-Xptxas', '-v',
                       '-o', os.path.join(self.folder, 'k.cubin'), arguments.kernels + '/cuda/launch.cu',
                       '-I' + arguments.kernels, '-I' + arguments.kernels + '/include']
            log = subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr
            kernels = re.findall(r"entry function '(\w+)'.*?(\d+) bytes spill stores, (\d+) bytes spill loads.*?"
                                 r'Used (\d+) registers', log, re.DOTALL)
            self.assertGreaterEqual(len(kernels), 8)
            for name, stores, loads, registers in kernels:
                with self.subTest(architecture=architecture, kernel=name):
                    self.assertEqual((int(stores), int(loads)), (0, 0))
                    self.assertLessEqual(int(registers) * THREADS, REGISTERS)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ('workload', 'ptxrun', 'nvcc', 'kernels', 'ptx-arch', 'architectures'):
        parser.add_argument('--' + option, required=True)
    arguments, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest)

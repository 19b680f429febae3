#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants faults in copies of the device code, one at a time, and expects each to be caught.

Shows that the comparison with the referee, which the kernels are tested with, would find such faults.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

# File, text that stands there exactly once, and what takes its place.
FAULTS = [
    ('aes.h', 'if (i == 1 || i == 3 || i == 4)', 'if (i == 1 || i == 3)'),
    ('aes.h', 'rotate_right(state.rows[row][i], 8 * row)', 'rotate_right(state.rows[row][i], 32 - 8 * row)'),
    ('aes.h', '0x11bU', '0x11dU'),
    ('aes.h', 'bits.rows[1][i], bits.rows[2][i], 0x7373', 'bits.rows[1][i], bits.rows[2][i], 0x6262'),
    ('aes.h', 'round < kRounds', 'round < kRounds - 1'),
    ('cmac.h', 'bits.rows[0][7] << 24', 'bits.rows[0][7] << 16'),
    ('cmac.h', 'if (!last_block_complete)', 'if (last_block_complete)'),
    ('lanes.h', 'static_cast<std::uint32_t>(lane) * stride', 'static_cast<std::uint32_t>(lane % 7) * stride'),
    ('octet_words.h', 'number >> 8 | (number & 0xffU) << 8', 'number'),
    ('octet_words.h', '0x80U << 8 * octets', '0x40U << 8 * octets'),
    ('octet_words.h', '>> 8 * skipped', '>> 8 * (skipped & 1)'),
    ('step.h', 'block.words[0] |= number << 24', 'block.words[0] |= number << 16'),
    ('step.h', '(number & 1) * 0xffU', '(number & 1) * 0x7fU'),
    ('tek.h', 'first_sas[middle] <= sa', 'first_sas[middle] < sa'),
    ('ams.h', 'lanes[lane] * sas.sas_per_item + sa', 'lanes[lane] + sa'),
    ('ams.h', 'sas.said_octets == 2', 'sas.said_octets == 3'),
    ('ams.h', 'column.rows == nullptr ? item : column.rows[item]', 'item'),
    ('tek.h', 'std::size_t{place.sa_of_item} * SaidOctets', 'std::size_t{place.sa_of_item}'),
    ('tek.h', 'sa - columns.first_sas[item]', 'sa - columns.first_sas[0]'),
    ('context_rows.h', 'unit % units_of_row', 'unit % (units_of_row - 1)'),
    ('context_rows.h', 'numbers[unit / units_of_row]', 'numbers[unit / units_of_row] ^ 1'),
]


def compile(options, folder, source):
    """Returns the path of the object file, None if `source`, a file of the tests, does not compile."""
    includes = [folder] + [os.path.join(options.source, each) for each in ('kernels', 'kernels/include', 'tests')]
    made = os.path.join(folder, os.path.basename(source) + '.o')
    built = subprocess.run([options.compiler, '-std=c++20', '-O0', '-w', '-c', '-o', made,
                            os.path.join(options.source, 'tests', source)] + ['-I' + each for each in includes])
    return made if built.returncode == 0 else None


def run_probe(options, probe, folder, fault):
    """Runs the probe over a copy of the device code; returns its exit code, None if the copy does not compile."""
    shutil.copytree(os.path.join(options.source, 'kernels/cuda'), os.path.join(folder, 'cuda'))
    if fault:
        name, text, planted = fault
        path = os.path.join(folder, 'cuda', name)
        with open(path) as file:
            code = file.read()
        if code.count(text) != 1:
            sys.exit(f'{name}: expected once, found {code.count(text)} times: {text}')
        with open(path, 'w') as file:
            file.write(code.replace(text, planted))
    engine = compile(options, folder, 'support/cuda_host_engine.cpp')
    if engine is None:
        return None
    program = os.path.join(folder, 'probe')
    subprocess.run([options.compiler, '-o', program, probe, engine] + options.link, check=True)
    return subprocess.run([program]).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--compiler', required=True)
    parser.add_argument('--source', required=True, help='folder of the project')
    parser.add_argument('link', nargs='+', help='what the probe is linked with')
    options = parser.parse_args()

    def outcome(fault):
        with tempfile.TemporaryDirectory() as folder:
            return run_probe(options, probe, folder, fault)

    failed = False
    with tempfile.TemporaryDirectory() as shared, concurrent.futures.ThreadPoolExecutor(2) as pool:
        probe = compile(options, shared, 'kernels/cuda/mutant_probe.cpp')
        for fault, code in zip([None] + FAULTS, pool.map(outcome, [None] + FAULTS)):
            good = code == (1 if fault else 0)
            failed |= not good
            what = f'{fault[0]}: {fault[1]} -> {fault[2]}' if fault else 'without a fault'
            print('ok ' if good else 'BAD', 'exit code', code, '-', what, flush=True)
    sys.exit(failed)


if __name__ == '__main__':
    main()

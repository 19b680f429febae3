#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants faults in a copy of the device code and expects each, switched on alone, to be caught.

Shows that the comparison with the referee, which the kernels are tested with, would find such faults. All of them are
compiled into one program, which takes as long as one of them: the environment says which one it has.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

# File, expression that stands there exactly once, and what takes its place.
FAULTS = [
    ('aes.h', 'i == 1 || i == 3 || i == 4', 'i == 1 || i == 3'),
    ('aes.h', 'rotate_right(state.rows[row][i], 8 * row)', 'rotate_right(state.rows[row][i], 32 - 8 * row)'),
    ('aes.h', '0x11bU', '0x11dU'),
    ('aes.h', 'pick_octets(bits.rows[1][i], bits.rows[2][i], 0x7373)',
     'pick_octets(bits.rows[1][i], bits.rows[2][i], 0x6262)'),
    ('aes.h', 'round < kRounds', 'round < kRounds - 1'),
    ('cmac.h', 'bits.rows[0][7] << 24', 'bits.rows[0][7] << 16'),
    ('cmac.h', '!last_block_complete', 'last_block_complete'),
    ('lanes.h', 'static_cast<std::uint32_t>(lane) * stride', 'static_cast<std::uint32_t>(lane % 7) * stride'),
    ('octet_words.h', 'number >> 8 | (number & 0xffU) << 8', 'number'),
    ('octet_words.h', '0x80U << 8 * octets', '0x40U << 8 * octets'),
    ('octet_words.h', 'two >> 8 * skipped', 'two >> 8 * (skipped & 1)'),
    ('step.h', 'number << 24', 'number << 16'),
    ('step.h', '(number & 1) * 0xffU', '(number & 1) * 0x7fU'),
    ('tek.h', 'first_sas[middle] <= sa', 'first_sas[middle] < sa'),
    ('ams.h', 'lanes[lane] * sas.sas_per_item + sa', 'lanes[lane] + sa'),
    ('ams.h', 'sas.said_octets == 2', 'sas.said_octets == 3'),
    ('ams.h', 'column.rows == nullptr ? item : column.rows[item]', 'item'),
    ('tek.h', 'std::size_t{place.sa_of_item} * SaidOctets', 'std::size_t{place.sa_of_item}'),
    ('tek.h', 'sa - columns.first_sas[item]', 'sa - columns.first_sas[0]'),
    ('context_rows.h', 'unit % units_of_row', 'unit % (units_of_row - 1)'),
    ('context_rows.h', 'write.numbers[unit / units_of_row]', 'write.numbers[unit / units_of_row] ^ 1'),
]
SWITCH = 'REKEY_FAULT'  # the number of the fault, in the environment
# What is worked out at build time is right.
PLANTED = """
#include <cstdlib>
#include <type_traits>
namespace rekey::test {
inline const char* const kSwitch = std::getenv("SWITCH");
inline const int kFault = kSwitch == nullptr ? -1 : std::atoi(kSwitch);
constexpr bool planted(int fault) { return !std::is_constant_evaluated() && kFault == fault; }
}  // namespace rekey::test
""".replace('SWITCH', SWITCH)


def plant(folder):
    """Puts every fault, and the choice of one, into the code that lies in `folder`."""
    for number, (name, text, planted) in enumerate(FAULTS):
        path = os.path.join(folder, name)
        with open(path) as file:
            code = file.read()
        if code.count(text) != 1:
            sys.exit(f'{name}: expected once, found {code.count(text)} times: {text}')
        with open(path, 'w') as file:
            file.write(code.replace(text, f'(rekey::test::planted({number}) ? ({planted}) : ({text}))'))


def build_probe(options, folder):
    """Returns the path of the probe, compiled with a copy of the device code that has every fault in it."""
    shutil.copytree(os.path.join(options.source, 'kernels/cuda'), os.path.join(folder, 'cuda'))
    plant(os.path.join(folder, 'cuda'))
    switches = os.path.join(folder, 'planted.h')
    with open(switches, 'w') as file:
        file.write(PLANTED)
    includes = [folder] + [os.path.join(options.source, each) for each in ('kernels', 'kernels/include', 'tests')]
    sources = [os.path.join(options.source, 'tests', each)
               for each in ('support/cuda_host_engine.cpp', 'kernels/cuda/mutant_probe.cpp')]
    program = os.path.join(folder, 'probe')
    subprocess.run([options.compiler, '-std=c++20', '-O0', '-w', '-include', switches, '-o', program] + sources +
                   ['-I' + each for each in includes] + options.link, check=True)
    return program


def run_probe(program, fault):
    """Returns the exit code of the probe with the fault of this number, or with none."""
    environment = {name: value for name, value in os.environ.items() if name != SWITCH}
    if fault is not None:
        environment[SWITCH] = str(fault)
    return subprocess.run([program], env=environment).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--compiler', required=True)
    parser.add_argument('--source', required=True, help='folder of the project')
    parser.add_argument('link', nargs='+', help='what the probe is linked with')
    options = parser.parse_args()

    failed = False
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        program = build_probe(options, folder)
        tries = [None, *range(len(FAULTS))]
        for fault, code in zip(tries, pool.map(lambda each: run_probe(program, each), tries)):
            good = code == (0 if fault is None else 1)
            failed |= not good
            what = 'without a fault' if fault is None else '{}: {} -> {}'.format(*FAULTS[fault])
            print('ok ' if good else 'BAD', 'exit code', code, '-', what, flush=True)
    sys.exit(failed)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants faults in a copy of the scheduler and expects the simulator to catch each, switched on alone.

Shows that the simulated histories, which the scheduler is tested with, would find such faults. All of them are compiled
into one program: the environment says which one it has.
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys
import tempfile

# File, what stands before an expression, the expression, and what takes its place. Both texts stand there exactly once.
FAULTS = [
    ('scheduler.cpp', '', 'launch_by_.begin()->first < now_us', 'launch_by_.begin()->first + 50 < now_us'),
    ('scheduler.cpp', '', 'wake = std::min(wake, launch_by_.begin()->first + 1)', 'wake'),
    ('scheduler.cpp', '', 'outcome == BatchOutcome::kDone && trusted', 'outcome == BatchOutcome::kDone'),
    ('scheduler.cpp', 'dequeue(request);\n  if (', 'request.out() == 0', 'true'),
    ('scheduler.cpp', '', '!request.distrust(engine)', 'true'),
    ('scheduler.cpp', '', 'own.items + more.items > limits_.caller_items', 'own.items > limits_.caller_items'),
    ('scheduler.cpp', '', 'more.add(work.items, work.octets)', 'more = {}, more.add(work.items, work.octets)'),
    ('scheduler.cpp', '', 'own + more <= part', 'true'),
    ('scheduler.cpp', '', 'beside_in_a_row_ >= kMostBeside', 'false'),
    ('router.cpp', '', 'device(engine).beside.size() + device(engine).lost', 'device(engine).lost'),
    ('scheduler.cpp', 'return ', 'background_is_due()', 'false'),
    ('scheduler.cpp', 'background_waits && ', 'background_is_due()', 'false'),
    ('scheduler.cpp', '', '!request.ended', 'false'),
    ('scheduler.cpp', '', 'octets += request.octets_of(items)', 'octets'),
    ('scheduler.cpp', '', 'wait_us > 0', 'wait_us > 1\'000\'000'),
    ('scheduler.cpp', '', 'joins && (suspect || alone)', 'false'),
    ('backlog.cpp', '', 'flow.vtime = std::max(flow.vtime, at(vtimes_, priority))', 'flow.vtime'),
    ('backlog.cpp', '', 'flow.vtime += weighed / flow.weight', 'flow.vtime += weighed'),
    ('callers.cpp', '', 'set_weight(*caller, share)', 'void(0)'),
    ('scheduler.cpp', '', 'limits_.queue_items = limits.queue_items', 'limits_.queue_items'),
    ('router.cpp', 'if (', 'passed', 'true'),
    ('router.cpp', '', 'e.spec.last_resort && e.state != State::kServing', 'false'),
]
SWITCH = 'REKEY_FAULT'  # the number of the fault, in the environment
PLANTED = """
#include <cstdlib>
namespace planted {
inline const char* const kSwitch = std::getenv("SWITCH");
inline const int kFault = kSwitch == nullptr ? -1 : std::atoi(kSwitch);
}  // namespace planted
""".replace('SWITCH', SWITCH)


def plant(options, folder):
    """Puts copies with every fault, and the choice of one, into `folder`; returns their paths."""
    copies = {}
    for number, (name, before, text, planted) in enumerate(FAULTS):
        if name not in copies:
            with open(os.path.join(options.source, 'service/scheduler', name)) as file:
                copies[name] = file.read()
        found = copies[name].count(before + text)
        if found != 1:
            sys.exit(f'{name}: expected once, found {found} times: {before + text}')
        choice = f'(::planted::kFault == {number} ? ({planted}) : ({text}))'
        copies[name] = copies[name].replace(before + text, before + choice)
    for name, code in copies.items():
        with open(os.path.join(folder, name), 'w') as file:
            file.write(code)
    return [os.path.join(folder, name) for name in copies]


def build(options, folder, pool):
    """Returns the path of the simulator with every fault in it."""
    switches = os.path.join(folder, 'planted.h')
    with open(switches, 'w') as file:
        file.write(PLANTED)

    def compile(source):
        subprocess.run([options.compiler, '-std=c++20', '-O1', '-w', '-c', '-include', switches, '-o', source + '.o',
                        source, '-I' + os.path.join(options.source, 'service'),
                        '-I' + os.path.join(options.source, 'kernels/include')], check=True)
        return source + '.o'

    # The files stand in for those in the library.
    objects = list(pool.map(compile, plant(options, folder)))
    program = os.path.join(folder, 'simulate')
    subprocess.run([options.compiler, '-o', program] + objects + options.link, check=True)
    return program


def outcome(options, program, fault):
    """Runs the simulator with the fault of this number, or with none; returns its exit code."""
    environment = {name: value for name, value in os.environ.items() if name != SWITCH}
    if fault is not None:
        environment[SWITCH] = str(fault)
    ran = subprocess.run([program, '--count', str(options.count)], env=environment, stdout=subprocess.PIPE, text=True)
    print(ran.stdout.splitlines()[0] if ran.stdout else '(says nothing)')
    return ran.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--compiler', required=True)
    parser.add_argument('--source', required=True, help='folder of the project')
    parser.add_argument('--count', type=int, default=2000, help='histories for each fault')
    parser.add_argument('link', nargs='+', help='what the simulator is linked with')
    options = parser.parse_args()

    failed = False
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        program = build(options, folder, pool)
        tries = [None, *range(len(FAULTS))]
        for fault, code in zip(tries, pool.map(lambda each: outcome(options, program, each), tries)):
            good = code == (0 if fault is None else 1)
            failed |= not good
            what = 'without a fault' if fault is None else '{0}: {2} -> {3}'.format(*FAULTS[fault])
            print('ok ' if good else 'BAD', 'exit code', code, '-', what, flush=True)
    sys.exit(failed)


if __name__ == '__main__':
    main()

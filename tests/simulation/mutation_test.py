#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants faults in copies of the scheduler, one at a time, and expects the simulator to catch each.

Shows that the simulated histories, which the scheduler is tested with, would find such faults.
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys
import tempfile

# File, text that stands there exactly once, and what takes its place.
FAULTS = [
    ('scheduler.cpp', 'launch_by_.begin()->first < now_us', 'launch_by_.begin()->first + 50 < now_us'),
    ('scheduler.cpp', 'wake = std::min(wake, launch_by_.begin()->first + 1)', 'wake = wake + 0'),
    ('scheduler.cpp', 'outcome == BatchOutcome::kDone && trusted', 'outcome == BatchOutcome::kDone'),
    ('scheduler.cpp', 'if (request.out() == 0) {\n    finish', '{\n    finish'),
    ('scheduler.cpp', 'if (!request.distrust(engine)) continue;', 'if (true) continue;'),
    ('scheduler.cpp', 'own.items + items > limits_.caller_items', 'own.items > limits_.caller_items'),
    ('scheduler.cpp', 'own + more <= part ||', 'true ||'),
    ('scheduler.cpp', 'beside_in_a_row_ >= kMostBeside ||', ''),
    ('router.cpp', 'device(engine).beside.size() + device(engine).lost >=', 'device(engine).lost >='),
    ('scheduler.cpp', 'return background_is_due() ||', 'return'),
    ('scheduler.cpp', '&& background_is_due()) return std::nullopt;', '&& false) return std::nullopt;'),
    ('scheduler.cpp', 'if (!request.ended) end(request, Outcome::kCancelled, now_us);', ''),
    ('scheduler.cpp', 'octets += request.octets_of(items)', 'octets += 0'),
    ('scheduler.cpp', 'if (wait_us > 0)', 'if (wait_us > 1\'000\'000)'),
    ('scheduler.cpp', 'if (joins && (suspect || alone)) break;', ''),
    ('backlog.cpp', 'flow.vtime = std::max(flow.vtime, at(vtimes_, priority))', 'flow.vtime = flow.vtime + 0'),
    ('backlog.cpp', 'flow.vtime += weighed / flow.weight', 'flow.vtime += weighed'),
    ('callers.cpp', 'set_weight(*caller, share);', ''),
    ('scheduler.cpp', 'limits_.queue_items = limits.queue_items;', ''),
    ('router.cpp', 'if (passed) {', 'if (true) {'),
    ('router.cpp', 'e.spec.last_resort && e.state != State::kServing', 'false && e.spec.last_resort'),
]


def outcome(options, fault):
    """Builds the simulator with a fault in it and runs it; returns its exit code, None if it does not compile."""
    name, text, planted = fault if fault else FAULTS[0][:1] + ('', '')
    with open(os.path.join(options.source, 'service/scheduler', name)) as file:
        code = file.read()
    if fault and code.count(text) != 1:
        sys.exit(f'{name}: expected once, found {code.count(text)} times: {text}')
    with tempfile.TemporaryDirectory() as folder:
        mutant = os.path.join(folder, name)
        with open(mutant, 'w') as file:
            file.write(code.replace(text, planted) if fault else code)
        program = os.path.join(folder, 'simulate')
        # The file stands in for the one in the library.
        built = subprocess.run([options.compiler, '-std=c++20', '-O1', '-w', '-o', program, mutant,
                                '-I' + os.path.join(options.source, 'service'),
                                '-I' + os.path.join(options.source, 'kernels/include')] + options.link)
        if built.returncode != 0:
            return None
        ran = subprocess.run([program, '--count', str(options.count)], stdout=subprocess.PIPE, text=True)
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
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        tries = [None] + FAULTS
        for fault, code in zip(tries, pool.map(lambda each: outcome(options, each), tries)):
            good = code == (1 if fault else 0)
            failed |= not good
            what = f'{fault[0]}: {fault[1]} -> {fault[2]}' if fault else 'without a fault'
            print('ok ' if good else 'BAD', 'exit code', code, '-', what, flush=True)
    sys.exit(failed)


if __name__ == '__main__':
    main()

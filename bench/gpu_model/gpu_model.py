#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models how many AMSs a second a GPU derives, from what the compiled kernels execute. Nothing here is a measurement.

The workload runs on ptxrun, a CUDA runtime on the CPU that counts; its estimate.py turns the counts into SASS
instructions by unit. The bounds are those of units kept busy all the time, of memory and of the link: the least of
them is what binds. Latency, launches and the host are left out.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

# docs/gpu.md says of every constant below where it is from and what of it was confirmed.

# Operations of one multiprocessor in a clock, for compute capabilities 7.5 to 9.0: 64 results of 32-bit integer, logic
# and shift operations, 64 of multiply-add, 32 lanes of the load/store unit (Turing has 16: T4 below); four schedulers,
# each issuing one instruction for 32 threads a clock.
LANES = {'alu': 64, 'fma': 64, 'lsu': 32, 'xu': 16}
ISSUE_LANES = 4 * 32

# Share of a link's raw rate (1, 2, 4 GB/s a lane) that large pinned copies reach: an estimate, from 128b/130b coding
# and 24 octets of header on 256 of payload (0.98 * 0.91), less flow control.
PCIE_SHARE = 0.87

Gpu = collections.namedtuple('Gpu', 'multiprocessors ghz memory_gbs link_gbs registers warps blocks lsu source')
GPUS = {
    'T4': Gpu(40, 1.59, 320, 16 * PCIE_SHARE, 65536, 32, 16, 16,
              'NVIDIA T4 datasheet (PCIe 3 x16, GDDR6 320 GB/s); Turing whitepaper (40 SMs, 1.59 GHz boost)'),
    'A100': Gpu(108, 1.41, 1555, 32 * PCIE_SHARE, 65536, 64, 32, 32,
                'NVIDIA A100 whitepaper (40 GB SXM: 108 SMs, 1.41 GHz boost, 1,555 GB/s, PCIe 4 x16)'),
    'H100': Gpu(132, 1.98, 3350, 64 * PCIE_SHARE, 65536, 64, 32, 32,
                'NVIDIA H100 datasheet (SXM5: 3.35 TB/s, PCIe 5 x16) and whitepaper (132 SMs); 1.98 GHz: '
                'the highest application clock of that board'),
    'RTX 4090': Gpu(128, 2.52, 1008, 32 * PCIE_SHARE, 65536, 48, 24, 32,
                    'NVIDIA Ada whitepaper (128 SMs, 2.52 GHz boost, 1,008 GB/s, PCIe 4 x16)'),
    'GH200': Gpu(132, 1.98, 4000, 450, 65536, 64, 32, 32,
                 'NVIDIA GH200 datasheet (96 GB HBM3: 4 TB/s; NVLink-C2C 900 GB/s, 450 each way); clock as H100'),
}
# Octets of one AMS over the link, in and out (rekey/octets.h), with one SA and two TEKs.
LINK_OCTETS = {'16m-draft': (44, 98), '16m-published': (44, 98), 'legacy-16e': (35, 76)}
BLOCK_THREADS = 32  # kThreadsPerBlock in cuda/tuning.h
AMSS = 512


def count(options, profile):
    """What derive kernels execute for one AMS: instructions by unit, octets of global memory, registers of a thread."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'profile.jsonl')
        subprocess.run([options.workload, profile, str(AMSS), '1'], check=True, stderr=subprocess.DEVNULL,
                       env=dict(os.environ, PTXRUN_PROFILE=path))
        output = subprocess.run([sys.executable, os.path.join(options.ptxrun, 'estimate.py'), path,
                                 '--arch', options.ptx_arch, '--json', '--kernel', 'ams_kernel'],
                                check=True, stdout=subprocess.PIPE, text=True).stdout
    kernel, = [json.loads(line) for line in output.splitlines()]
    units = {unit: n * kernel['threads'] / AMSS for unit, n in kernel['units'].items()}
    return {'units': units, 'global_octets': kernel['global_bytes_per_launch'] / AMSS,
            'registers': kernel['registers']}


def model(gpu, counted, link_octets):
    """Bounds in AMSs a second by what sets them, and the warps of one multiprocessor."""
    clocks = gpu.multiprocessors * gpu.ghz * 1e9
    lanes = dict(LANES, lsu=gpu.lsu)
    bounds = {unit: clocks * lanes[unit] / n for unit, n in counted['units'].items() if unit in lanes and n}
    bounds['issue'] = clocks * ISSUE_LANES / sum(counted['units'].values())
    compute = min(bounds.values())
    return {'compute': compute, 'unit': min(bounds, key=bounds.get),
            'memory': gpu.memory_gbs * 1e9 / counted['global_octets'],
            'link': gpu.link_gbs * 1e9 / max(link_octets),
            'warps': min(gpu.warps, gpu.blocks * BLOCK_THREADS // 32,
                         gpu.registers // (counted['registers'] * 32))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--workload', required=True, help='the program rekey-gpu-workload')
    parser.add_argument('--ptxrun', required=True, help='folder of ptxrun')
    parser.add_argument('--ptx-arch', default='sm_90', help='architecture of the newest PTX in the program')
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--require-link-bound', nargs='*', default=[], metavar='GPU',
                        help='exit 1 unless 16m-draft is bound by the link on these')
    options = parser.parse_args()
    results = []
    for profile, link_octets in LINK_OCTETS.items():
        counted = count(options, profile)
        for name, gpu in GPUS.items():
            bounds = model(gpu, counted, link_octets)
            binds = min(('compute', 'memory', 'link'), key=bounds.get)
            results.append(dict(bounds, kind='modelled', gpu=name, profile=profile, binds=binds, source=gpu.source))
    if options.json:
        print(json.dumps(results, indent=1))
    else:
        print('Modelled, million AMSs a second; one SA and two TEKs an AMS. No figure here was measured.')
        print(f'{"profile":14} {"GPU":9} {"compute":>9} {"memory":>9} {"link":>9}  binds    busiest  warps')
        for r in results:
            print(f'{r["profile"]:14} {r["gpu"]:9} ' + ' '.join(
                f'{r[bound] / 1e6:9.0f}' for bound in ('compute', 'memory', 'link')) +
                f'  {r["binds"]:8} {r["unit"]:8} {r["warps"]}')
    wrong = [r['gpu'] for r in results if r['profile'] == '16m-draft' and r['gpu'] in options.require_link_bound and
             r['binds'] != 'link']
    if wrong:
        sys.exit('modelled not to be bound by the link: ' + ', '.join(wrong))


if __name__ == '__main__':
    main()

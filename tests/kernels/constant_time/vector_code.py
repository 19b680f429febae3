#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Searches a program's machine code for ways out of the vector registers, for x86-64.

    vector_code.py PROGRAM

The vector engine's functions (all in namespaces that Highway names N_<TARGET>) work on keys in vector registers. What
is there can decide a branch or an address only through a general register, the flags or a mask, or as the index of a
gather or scatter. So in these functions there must be no

- move from a vector or mask register to a general register,
- instruction that sets the flags from one,
- gather or scatter, nor a load or store under a mask that comes from vectors,
- vector division or square root, whose time depends on the operands.

Compilers also park general registers in vector and mask registers, and fetch them back. Such a move is told from a
real one by following, along all paths of a function, which vector and mask registers hold nothing but what was put
there from a general register.

Out of sight: vector data that is stored to memory and loaded from there into a general register. That is looked for
where code runs, by taint_test.py and trace_test.py.

Prints one line for each finding and exits with 1 if there is any.
"""
import collections
import re
import subprocess
import sys

Instruction = collections.namedtuple("Instruction", "address mnemonic operands text")
Finding = collections.namedtuple("Finding", "function instruction what")

FUNCTION = re.compile(r"^([0-9a-f]+) <(.*)>:$")
CODE = re.compile(r"^\s*([0-9a-f]+):\t(.*)$")
TARGET = re.compile(r"\bN_([A-Z0-9_]+)::")
PREFIX = re.compile(r"^(?:(?:rex\S*|lock|rep\w*|notrack|bnd|data16|cs|ds|es|ss|\{\w+\})\s+)+")
VECTOR = re.compile(r"%[xyz]mm(\d+)")
MASK = re.compile(r"%(k[0-7])")
GENERAL = re.compile(r"^%(?:[er]?(?:[abcd]x|[sd]i|[sb]p)|[abcd][lh]|(?:[sd]i|[sb]p)l|r\d+[dwb]?)$")
OLD_REGISTER = re.compile(r"%(?:st\b|mm\d)")
WRITE_MASK = re.compile(r"\{%(k[1-7])\}")

SETS_FLAGS = re.compile(r"^(?:v?ptest|vtestp[sd]|v?u?comis[sdh]|v?pcmp[ei]str[im]|kortest[bwdq]|ktest[bwdq])$")
MASKED_BY_VECTOR = re.compile(r"^v?p?maskmov")
UNEVEN = re.compile(r"^v?(?:div|sqrt)[ps][sdh]$")
COPIES_VECTOR = re.compile(r"^v?(?:mov(?:dqa|dqu|aps|ups|apd|upd)(?:8|16|32|64)?|movq)$")
TAKES_GENERAL = re.compile(r"^v?mov[dq]$")
INSERTS_GENERAL = re.compile(r"^v?pinsr[bwdq]$")
MASK_MOVE = re.compile(r"^kmov[bwdq]$")
MASK_LOGIC = re.compile(r"^k(?:and|andn|or|xor|xnor|not|add|shiftl|shiftr)[bwdq]$")
ENDS_PATH = re.compile(r"^(?:ret|jmp|ud2|hlt)")


def split_operands(text):
    """Splits at the commas outside parentheses."""
    return [part.strip() for part in re.findall(r"(?:\([^)]*\)|[^,(])+", text)]


def parse(lines):
    """Returns {name: [Instruction]} of objdump's output: the functions of the vector engine."""
    functions = {}
    code = None
    for line in lines:
        if match := FUNCTION.match(line):
            # Functions that a compiler splits or clones may share a name.
            name = f"{match[2]} at {match[1]}"
            code = functions.setdefault(name, []) if TARGET.search(name) else None
        elif code is not None and (match := CODE.match(line)):
            text = re.sub(r"\s*(?:<.*>|#.*)$", "", PREFIX.sub("", match[2].strip())).strip()
            mnemonic, _, operands = text.partition(" ")
            code.append(Instruction(int(match[1], 16), mnemonic, split_operands(operands), text))
    return functions


def disassemble(program):
    ran = subprocess.run(["objdump", "--disassemble", "--demangle", "--no-show-raw-insn", "--wide", program],
                         check=True, capture_output=True, text=True)
    return parse(ran.stdout.splitlines())


def targets(functions):
    """Returns {target: instructions} for the targets that the functions were compiled for."""
    counts = collections.Counter()
    for name, code in functions.items():
        counts[TARGET.search(name)[1]] += len(code)
    return counts


def registers(operand):
    """Returns the names of the vector and mask registers in an operand, a name for each physical one."""
    return {f"v{number}" for number in VECTOR.findall(operand)} | set(MASK.findall(operand))


def plain(operand):
    """Returns the operand without write mask and rounding, if it is a vector or mask register."""
    return registers(re.sub(r"\{.*", "", operand)) if not is_memory(operand) else set()


def is_memory(operand):
    return "(" in operand or operand.startswith("%fs:") or not operand.startswith(("%", "$", "{"))


def all_parked(operands, parked):
    """Whether no register among the operands holds vector data."""
    return all(registers(operand) <= parked for operand in operands)


def step(instruction, parked):
    """Returns the registers that hold general data after the instruction, given those before it."""
    mnemonic, operands = instruction.mnemonic, instruction.operands
    if mnemonic.startswith("call"):
        return frozenset()
    if not operands:
        return parked
    target = plain(operands[-1])
    if SETS_FLAGS.match(mnemonic):
        target = {"v0"} if "str" in mnemonic else set()
    if not target:
        return parked
    sources = operands[:-1]
    masked = WRITE_MASK.search(operands[-1]) is not None
    memory = any(is_memory(operand) for operand in sources)
    keeps = False
    if sources and not masked and not memory:
        if TAKES_GENERAL.match(mnemonic) and GENERAL.match(sources[0]):
            keeps = True
        elif COPIES_VECTOR.match(mnemonic) and len(sources) == 1:
            keeps = all_parked(sources, parked)
        elif INSERTS_GENERAL.match(mnemonic):
            keeps = all_parked(operands if len(operands) == 3 else sources, parked)
        elif MASK_MOVE.match(mnemonic):
            keeps = bool(GENERAL.match(sources[0])) or all_parked(sources, parked)
        elif MASK_LOGIC.match(mnemonic):
            cleared = mnemonic.startswith("kxor") and sources[0] == sources[1]
            keeps = cleared or all_parked(sources, parked)
    if mnemonic.startswith("vp2intersect"):
        target = {f"k{number}" for number in range(8)}
    return parked | target if keeps else parked - target


def flow(code):
    """Returns, for every instruction, the registers that hold general data before it on all paths; None: no path."""
    place = {instruction.address: i for i, instruction in enumerate(code)}
    before = [None] * len(code)
    before[0] = frozenset()
    waiting = [0]

    def arrive(i, parked):
        joined = parked if before[i] is None else before[i] & parked
        if joined != before[i]:
            before[i] = joined
            waiting.append(i)

    while waiting:
        i = waiting.pop()
        instruction = code[i]
        after = step(instruction, before[i])
        if instruction.mnemonic.startswith("j"):
            where = instruction.operands[0]
            if where.startswith("*"):
                for j in range(len(code)):
                    arrive(j, after)
            elif int(where, 16) in place:
                arrive(place[int(where, 16)], after)
        if not ENDS_PATH.match(instruction.mnemonic) and i + 1 < len(code):
            arrive(i + 1, after)
    return before


def judge(instruction, parked):
    """Returns what is wrong with an instruction, or None."""
    mnemonic, operands = instruction.mnemonic, instruction.operands
    if any(OLD_REGISTER.search(operand) for operand in operands):
        return "x87 or MMX register"
    if not any(registers(operand) for operand in operands):
        return None
    memory = [operand for operand in operands if is_memory(operand)]
    if any(VECTOR.search(operand) for operand in memory):
        return "gather or scatter"
    if UNEVEN.match(mnemonic):
        return "time depends on the operands"
    if MASKED_BY_VECTOR.match(mnemonic):
        return "load or store under a vector's mask"
    masks = {mask for operand in operands for mask in WRITE_MASK.findall(operand)}
    if memory and not masks <= parked:
        return "load or store under a mask made of vectors"
    if all_parked(operands, parked):
        return None
    if SETS_FLAGS.match(mnemonic):
        return "flags set from vectors"
    if GENERAL.match(operands[-1]):
        return "vector data moved to a general register"
    return None


def jumps_between(functions):
    """Returns the functions that are jumped into elsewhere than at their beginning."""
    owner = {instruction.address: name for name, code in functions.items() for instruction in code}
    entered = set()
    for name, code in functions.items():
        for instruction in code:
            if not instruction.mnemonic.startswith("j") or instruction.operands[0].startswith("*"):
                continue
            address = int(instruction.operands[0], 16)
            other = owner.get(address, name)
            if other != name and functions[other][0].address != address:
                entered.add(other)
    return entered


def search(functions):
    """Returns the findings in all functions."""
    findings = []
    entered = jumps_between(functions)
    for name, code in functions.items():
        if not code:
            continue
        before = flow(code)
        for instruction, parked in zip(code, before):
            # Nothing is known of code that is reached from elsewhere, or by no path that was found.
            if name in entered or parked is None:
                parked = frozenset()
            if what := judge(instruction, parked):
                findings.append(Finding(name, instruction, what))
    return findings


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    functions = disassemble(sys.argv[1])
    findings = search(functions)
    for finding in findings:
        print(f"{finding.instruction.address:x}: {finding.instruction.text}: {finding.what}\n    in {finding.function}")
    for target, instructions in targets(functions).items():
        print(f"{target}: {instructions} instructions")
    return 1 if findings or not functions else 0


if __name__ == "__main__":
    sys.exit(main())

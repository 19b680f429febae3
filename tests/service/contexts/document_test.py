#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/contexts.md shows the state table that the code runs. With --write: makes it so."""
import subprocess
import sys

BEGIN = "<!-- rendered by rekey_state_table: begin -->\n"
END = "<!-- rendered by rekey_state_table: end -->\n"

program, document = sys.argv[1:3]
rendered = subprocess.run([program], check=True, capture_output=True, text=True).stdout
with open(document, encoding="ascii") as file:
    text = file.read()
before, shown = text.split(BEGIN)
shown, after = shown.split(END)
if sys.argv[3:] == ["--write"]:
    with open(document, "w", encoding="ascii") as file:
        file.write(before + BEGIN + rendered + END + after)
elif shown != rendered:
    sys.exit(f"{document}: the table is not the code's: run {sys.argv[0]} {program} {document} --write")

// SPDX-License-Identifier: Apache-2.0
//
// Writes the part of docs/contexts.md that is made from the state table: the rows, a diagram in
// Mermaid's notation, and which rows carry out which sentence.
#include <iostream>
#include <string>

#include "contexts/state_table.h"

using namespace rekey::contexts;

namespace {

std::string names_of(const States& states) {
  std::string names;
  for (const AmsState state : kAllStates) {
    if (!states.contains(state)) continue;
    names += (names.empty() ? "" : ", ") + std::string(to_string(state));
  }
  return names;
}

void write_table() {
  std::cout << "| row | state | event | if | what happens | next state | why |\n"
               "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Row& row : state_table()) {
    std::cout << "| " << row.number << " | " << names_of(row.states) << " | "
              << to_string(row.event) << " | " << to_string(row.guard) << " | "
              << to_string(row.action) << " | " << (row.stays ? "the same" : to_string(row.next))
              << " | " << row.why << " |\n";
  }
}

void write_diagram() {
  std::cout << "\n```mermaid\nstateDiagram-v2\n    [*] --> absent\n";
  for (const AmsState from : kAllStates) {
    for (const AmsState to : kAllStates) {
      std::string events;
      for (const Row& row : state_table()) {
        if (row.stays || row.next != to || from == to || !row.states.contains(from)) continue;
        events += (events.empty() ? "" : ", ") + std::string(to_string(row.event)) + " (" +
                  std::to_string(row.number) + ")";
      }
      if (events.empty()) continue;
      std::cout << "    " << to_string(from) << " --> " << to_string(to) << ": " << events << "\n";
    }
  }
  std::cout << "```\n";
}

void write_sentences() {
  std::cout << "\n| sentence of the proposed text | rows | and |\n| --- | --- | --- |\n";
  for (const Sentence& sentence : seed_sentences()) {
    std::cout << "| " << sentence.text << " | ";
    for (std::size_t i = 0; i < sentence.rows.size(); ++i) {
      std::cout << (i == 0 ? "" : ", ") << sentence.rows[i];
    }
    std::cout << " | " << sentence.elsewhere << " |\n";
  }
}

}  // namespace

int main() {
  write_table();
  write_diagram();
  write_sentences();
  return 0;
}

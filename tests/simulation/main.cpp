// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulate.h"

int main(int argc, char** argv) { return rekey::simulation::simulate(argc, argv); }

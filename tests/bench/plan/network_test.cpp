// SPDX-License-Identifier: Apache-2.0
#include "plan/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

namespace rekey::bench::plan {
namespace {

using testing::HasSubstr;

const std::string kLeastNetwork =
    "name: a\nsource: us\ncells: 7\nams_per_cell: 4096\n"
    "mobility: {handovers_per_ams_per_hour: 12}\n";

TEST(PlanNetwork, KeepsWhereEachNumberIsFrom) {
  Network network;
  ASSERT_EQ(parse_network(kLeastNetwork + R"(
method: rows
failures: [{name: one, cells: 2, window_ms: 27.5, ams_per_request: {assumed: 16, source: a guess}}]
growth: {percent_a_year: {measured: 20, source: the years before}, years: 3}
objective: {p99_ms: 5, machines_lost: 2, utilisation_at_most: 0.5}
prices: {server: 100, gpu: 50}
)",
                          "x.yaml", &network),
            Status());
  EXPECT_EQ(network.method, load::Method::kRows);
  EXPECT_EQ(network.cells.value, 7);
  EXPECT_EQ(network.cells.origins, Origin::kGiven);
  EXPECT_EQ(network.cells.source, "us");
  EXPECT_EQ(network.ams_per_request.origins, Origin::kAssumed);
  const Failure& failure = network.failures.at(0);
  EXPECT_DOUBLE_EQ(failure.window_seconds.value, 0.0275);
  EXPECT_EQ(failure.ams_per_request.origins, Origin::kAssumed);
  EXPECT_EQ(failure.ams_per_request.source, "a guess");
  EXPECT_DOUBLE_EQ(network.growth_a_year.value, 0.2);
  EXPECT_EQ(network.growth_a_year.origins, Origin::kMeasured);
  EXPECT_DOUBLE_EQ(network.objective.p99_seconds.value, 0.005);
  EXPECT_EQ(network.prices->gpu->value, 50);
  EXPECT_FALSE(network.watts);
  EXPECT_EQ(inputs(&network).size(), 14U);
}

TEST(PlanNetwork, KeepsTheInterruptionOfImtAdvancedUnlessTold) {
  Network network;
  ASSERT_EQ(parse_network(kLeastNetwork, "x.yaml", &network), Status());
  EXPECT_DOUBLE_EQ(network.objective.p99_seconds.value, 0.0275);
  EXPECT_EQ(network.objective.machines_lost.value, 1);
  EXPECT_EQ(network.objective.machines_lost.origins, Origin::kAssumed);
}

TEST(PlanNetwork, NamesTheFieldThatIsWrong) {
  for (const auto& [text, complaint] : {
           std::pair{std::string("name: a\nsource: us\n"),
                     "cells: expected a value, found nothing"},
           std::pair{kLeastNetwork + "cell: 7\n", "cell: expected one of"},
           std::pair{kLeastNetwork + "prices: {server: 1, gpus: 2}\n",
                     "prices.gpus: expected one of"},
           std::pair{kLeastNetwork + "failures: [{name: b, cells: 8, window_ms: 1}]\n",
                     "failures[0].cells: expected no more cells than the network has, found '8'"},
           std::pair{kLeastNetwork + "failures: [{name: b, cells: 1, window_ms: 0}]\n",
                     "failures[0].window_ms: expected a number from"},
           std::pair{kLeastNetwork + "growth: {percent_a_year: {guessed: 1}, years: 1}\n",
                     "growth.percent_a_year: expected a number, or one of given, assumed"},
           std::pair{kLeastNetwork + "growth: {percent_a_year: {assumed: 1}, years: 1}\n",
                     "growth.percent_a_year.source: expected a value, found nothing"},
           std::pair{kLeastNetwork + "method: pigeons\n",
                     "method: expected rows, columns or stream, found 'pigeons'"},
       }) {
    Network network;
    const Status status = parse_network(text, "x.yaml", &network);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr("x.yaml: " + std::string(complaint)));
  }
}

TEST(PlanNetwork, ReadsEveryNetworkThatIsShipped) {
  int networks = 0;
  for (const auto& file : std::filesystem::directory_iterator(REKEY_NETWORKS)) {
    Network network;
    EXPECT_EQ(read_network(file.path().string(), &network), Status());
    EXPECT_EQ(network.name, file.path().stem());
    EXPECT_FALSE(network.failures.empty());
    for (const NamedFigure& input : inputs(&network)) EXPECT_FALSE(input.figure->source.empty());
    ++networks;
  }
  EXPECT_EQ(networks, 3);
}

}  // namespace
}  // namespace rekey::bench::plan

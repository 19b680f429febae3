// SPDX-License-Identifier: Apache-2.0
//
// What the textbooks say of queues: beside the simulation, as a check on it. Times in seconds; the
// load is below what the servers can do, else the queue has no mean and the result is infinite.
#pragma once

namespace rekey::bench::plan {

/// utilisation returns the share of their time that `servers` are busy.
double utilisation(double per_second, double service_seconds, unsigned servers);

/// mm1_wait returns the mean time before service in an M/M/1 queue: rho / (1 - rho) * S
/// (Kleinrock, Queueing Systems, vol. 1, 1975, section 3.2).
double mm1_wait(double per_second, double service_seconds);

/// md1_wait returns the same of M/D/1: rho / (2 (1 - rho)) * S, Pollaczek's and Khinchine's formula
/// (Kleinrock, vol. 1, section 5.7).
double md1_wait(double per_second, double service_seconds);

/// mdc_wait returns the same of M/D/c, after Crommelin (1932; Tijms, A First Course in Stochastic
/// Models, 2003, section 9.6): who is there a service time later is who waits now and who came
/// meanwhile. The distribution of that is found by iteration, and the wait from the mean queue by
/// Little's law.
double mdc_wait(double per_second, double service_seconds, unsigned servers);

/// wave_bound returns what the share `q` of a wave's requests can at best be answered within:
/// `requests` come evenly within `window_seconds`, each takes `service_seconds` of one of `servers`
/// that are all busy from the first to the last. What comes at the share q of the window waits
/// until all before it is done.
double wave_bound(double requests, double window_seconds, double service_seconds, unsigned servers,
                  double q);

}  // namespace rekey::bench::plan

/** Metrics of each target. */

import type { TargetState } from "../../target_state.ts";
import { Family, labelText } from "./exposition.ts";

/** Collects the samples of targets. */
export class TargetMetrics {
  readonly #up = new Family("tcp_checker_up", "gauge", "Verdict: 1 up, 0 down. Absent if unknown or in maintenance.");
  readonly #degraded = new Family("tcp_checker_degraded", "gauge", "Whether too many of the last checks failed.");
  readonly #flapping = new Family("tcp_checker_flapping", "gauge", "Whether the target goes up and down too often.");
  readonly #lastRtt = new Family(
    "tcp_checker_last_rtt_seconds",
    "gauge",
    "Round trip time of the last check, if it passed.",
  );
  readonly #rtt = new Family("tcp_checker_rtt_seconds", "summary", "Round trip times of checks that passed.");
  readonly #checks = new Family("tcp_checker_checks_total", "counter", "Checks that ended.");
  readonly #failures = new Family("tcp_checker_check_failures_total", "counter", "Checks that failed.");
  readonly #neutral = new Family(
    "tcp_checker_neutral_checks_total",
    "counter",
    "Checks that said nothing about the target, because the monitor's own side failed.",
  );
  readonly #transitions = new Family("tcp_checker_transitions_total", "counter", "Turns from up to down and back.");
  readonly #turned = new Family(
    "tcp_checker_last_transition_timestamp_seconds",
    "gauge",
    "When the state became what it is, in seconds since 1970.",
  );
  readonly #info = new Family("tcp_checker_target_info", "gauge", "Address of the target, in the label target.");

  /** Adds a target. */
  add(state: TargetState): void {
    const { id, group, target, result, checks, failures, neutral, rttSum = 0 } = state;
    const own = Object.entries(state.labels);
    const labels = labelText([["id", id], ["group", group], ...own]);
    if (state.state === "up" || state.state === "down") this.#up.add(Number(state.state === "up"), labels);
    this.#degraded.add(Number(state.degraded), labels);
    this.#flapping.add(Number(state.flapping), labels);
    if (result?.status === "up") this.#lastRtt.add(result.rtt / 1000, labels);
    this.#rtt.add(rttSum / 1000, labels, "_sum");
    this.#rtt.add(checks - failures - neutral, labels, "_count");
    this.#checks.add(checks, labels);
    this.#failures.add(failures, labels);
    this.#neutral.add(neutral, labels);
    this.#transitions.add(state.transitions, labels);
    this.#turned.add(state.since / 1000, labels);
    this.#info.add(1, labelText([["id", id], ["group", group], ["target", target], ...own]));
  }

  /** The texts of the families. */
  texts(): string[] {
    return [
      this.#up,
      this.#degraded,
      this.#flapping,
      this.#lastRtt,
      this.#rtt,
      this.#checks,
      this.#failures,
      this.#neutral,
      this.#transitions,
      this.#turned,
      this.#info,
    ].map((family) => family.text());
  }
}

/** Metrics of groups. */

import { RTT_BOUNDS_MS, type RttHistogram } from "../../measurements.ts";
import { type State, STATES } from "../../state.ts";
import type { TargetState } from "../../target_state.ts";
import { Family, labelText } from "./exposition.ts";

const BOUNDS = RTT_BOUNDS_MS.map((bound) => String(Number((bound / 1000).toPrecision(5))));

/** Counts the targets of groups. */
export class GroupMetrics {
  readonly #groups = new Map<string, Record<State, number>>();

  /** Adds a target. */
  add({ group, state }: TargetState): void {
    let counts = this.#groups.get(group);
    if (counts === undefined) this.#groups.set(group, counts = { up: 0, down: 0, unknown: 0, maintenance: 0 });
    counts[state]++;
  }

  /**
   * Writes the families.
   *
   * @param rtt Round-trip times by group; none by default. Groups without targets are left out.
   * @returns The texts.
   */
  texts(rtt: ReadonlyMap<string, RttHistogram> = new Map()): string[] {
    const targets = new Family("tcp_checker_targets", "gauge", "Targets by state.");
    const histograms = new Family(
      "tcp_checker_group_rtt_seconds",
      "histogram",
      "Round-trip times of checks that passed.",
    );
    for (const [group, counts] of this.#groups) {
      for (const state of STATES) targets.add(counts[state], labelText([["group", group], ["state", state]]));
      const histogram = rtt.get(group);
      if (histogram !== undefined) addHistogram(histograms, group, histogram);
    }
    return [targets.text(), histograms.text()];
  }
}

/** Adds a histogram. Buckets of the format are cumulative. */
function addHistogram(family: Family, group: string, { counts, sum }: RttHistogram): void {
  let count = 0;
  counts.forEach((inBucket, i) => {
    count += inBucket;
    family.add(count, labelText([["group", group], ["le", BOUNDS[i] ?? "+Inf"]]), "_bucket");
  });
  family.add(sum / 1000, labelText([["group", group]]), "_sum");
  family.add(count, labelText([["group", group]]), "_count");
}

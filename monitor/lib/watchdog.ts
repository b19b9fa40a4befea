/** Watchdog: detects conditions over many results, once per second. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { CheckLoop } from "./check_loop.ts";
import { type Outcome, reasonOf } from "./classify.ts";
import type { Clock } from "./clock.ts";
import type { TargetEntry } from "./target_entry.ts";
import type { EventStream } from "./event_stream.ts";
import type { ResolvedMonitorOptions } from "./options.ts";
import { judgeOverload, NO_OVERLOAD, type OverloadState } from "./overload.ts";
import type { Storms } from "./storms.ts";
import type { TargetTable } from "./target_table.ts";
import { judgeTrouble, NO_TROUBLE, type TroubleState } from "./trouble.ts";
import type { VerdictPublisher } from "./verdict_publisher.ts";

/** The parts of a monitor that its watchdog uses. */
export interface WatchedParts {
  readonly clock: Clock;
  readonly table: TargetTable;
  readonly storms: Storms;
  readonly loop: CheckLoop;
  readonly verdicts: VerdictPublisher;
  readonly stream: EventStream;
  /** Ends the maintenance of a target. */
  readonly endMaintenance: (entry: TargetEntry) => void;
}

/** Period of the watchdog in ms. */
const PERIOD = 1000;
/** Number of periods in which each target's state is tested for staleness once. */
const STALE_PERIODS = 8;

/** Detects trouble, overload, the end of storms and of maintenance, and stale states. */
export class Watchdog {
  readonly #parts: WatchedParts;
  readonly #options: Pick<ResolvedMonitorOptions, "rate" | "trouble">;
  #overload: OverloadState = NO_OVERLOAD;
  #trouble: TroubleState = NO_TROUBLE;
  /** Number of results since the last period. */
  #results = 0;
  /** Number of neutral results since the last period, by reason. */
  #neutral = new Map<string, number>();
  /** The targets to test for staleness next. */
  #sweep: Iterator<TargetEntry, void>;
  #cancel = () => {};

  /**
   * Creates a watchdog. It does nothing until {@linkcode Watchdog.start}.
   *
   * @param parts The parts of the monitor.
   * @param options The limits of trouble and overload.
   */
  constructor(parts: WatchedParts, options: Pick<ResolvedMonitorOptions, "rate" | "trouble">) {
    this.#parts = parts;
    this.#options = options;
    this.#sweep = parts.table.values();
  }

  /** Runs the watchdog now, and then once per period. */
  start(): void {
    const { clock, storms, verdicts, table, endMaintenance } = this.#parts;
    const now = clock.now();
    verdicts.publishStorms(storms.expire(now));
    this.#detectTrouble(now);
    this.#detectOverload(now);
    for (const entry of table.maintenanceEnded(clock.date())) endMaintenance(entry);
    this.#expireStates(now);
    this.#cancel = clock.at(now + PERIOD, () => this.start());
  }

  /** Stops the watchdog. */
  stop(): void {
    this.#cancel();
  }

  /** Counts a check of any target, with its result, or the error of a check that could not be made. */
  count(outcome: Outcome, result: CheckResult | undefined, error: unknown): void {
    this.#results++;
    if (outcome !== "neutral") return;
    const reason = reasonOf(result, error);
    this.#neutral.set(reason, (this.#neutral.get(reason) ?? 0) + 1);
  }

  #detectTrouble(now: number): void {
    const { share = 0.5, minimum = 2, within = troubleWindow(this.#parts.loop.meanInterval) } = this.#options.trouble;
    const results = { all: this.#results, neutral: this.#neutral };
    const { state, change } = judgeTrouble(this.#trouble, results, { share, minimum, within }, now);
    this.#results = 0;
    this.#neutral = new Map();
    this.#trouble = state;
    if (change !== undefined) this.#parts.stream.publish({ at: this.#parts.clock.date(), ...change });
  }

  #detectOverload(now: number): void {
    const { loop, stream, clock } = this.#parts;
    const load = { demand: loop.demand, rate: this.#options.rate, skipped: loop.skipped };
    const { state, change } = judgeOverload(this.#overload, load, now);
    this.#overload = state;
    loop.stretch(state.active);
    if (change !== undefined) stream.publish({ at: clock.date(), ...change });
  }

  /**
   * Makes stale states unknown, a share of the targets at a time. Results do that too, but they may stay away: the
   * check in flight waits in the queue, or all slots are skipped.
   */
  #expireStates(now: number): void {
    const { table, verdicts } = this.#parts;
    for (let left = Math.ceil(table.size / STALE_PERIODS); left > 0; left--) {
      const { value: entry, done } = this.#sweep.next();
      if (done) {
        this.#sweep = table.values();
        return;
      }
      verdicts.expire(entry, now);
    }
  }
}

/**
 * The default time window of trouble: twice the mean interval, because one target with a long interval must not delay
 * the detection. Rounded up to a power of two, because a sliding count restarts when its window changes.
 */
function troubleWindow(meanInterval: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, Math.round(2 * meanInterval))));
}

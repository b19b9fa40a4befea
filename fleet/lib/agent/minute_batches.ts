/** Minute batches of an agent: counts of the results of each target per minute, for the outbox. */

import type { CheckResult, Clock, MonitorObserver, PublishedEvent } from "@tcp-shaker/monitor";
import { encode } from "../protocol/codec.ts";
import type { MinuteRow } from "../protocol/minutes.ts";
import { minutesSubject } from "../protocol/subjects.ts";
import type { Outbox } from "./outbox.ts";

const MINUTE = 60_000;
/** Maximum number of rows per batch: 25 KB with short ids, and below the limit of a message with the longest ids. */
const BATCH_ROWS = 400;

/** Counts of the results of one target. */
interface Counts {
  pass: number;
  fail: number;
  neutral: number;
  min: number;
  sum: number;
  max: number;
}

/** Observer of a monitor that counts results, and queues the counts each minute. */
export class MinuteBatches implements MonitorObserver {
  readonly #agent: string;
  readonly #boot: string;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  #counts = new Map<string, Counts>();
  #minute: number;
  #sequence = 0;

  /**
   * @param agent The agent's name.
   * @param boot The id of its process.
   * @param outbox Takes the batches.
   * @param clock The clock of the minutes.
   */
  constructor(agent: string, boot: string, outbox: Outbox, clock: Clock) {
    this.#agent = agent;
    this.#boot = boot;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#minute = this.#now();
  }

  checked(id: string, outcome: Parameters<MonitorObserver["checked"]>[1], _now: number, result?: CheckResult): void {
    let counts = this.#counts.get(id);
    if (counts === undefined) {
      counts = { pass: 0, fail: 0, neutral: 0, min: Infinity, sum: 0, max: 0 };
      this.#counts.set(id, counts);
    }
    if (outcome !== "pass") {
      counts[outcome === "fail" ? "fail" : "neutral"]++;
      return;
    }
    counts.pass++;
    if (result?.status !== "up") return;
    counts.min = Math.min(counts.min, result.rtt);
    counts.max = Math.max(counts.max, result.rtt);
    counts.sum += result.rtt;
  }

  published(_event: PublishedEvent): void {}

  /** Queues the counts of the minute if it has ended. */
  flush(): void {
    const now = this.#now();
    // Also if the clock was set back.
    if (now === this.#minute) return;
    this.#queue();
    this.#minute = now;
  }

  /** Queues the counts of the current minute before its end. */
  end(): void {
    this.#queue();
  }

  #queue(): void {
    const rows = Array.from(
      this.#counts,
      ([id, { pass, fail, neutral, min, sum, max }]): MinuteRow =>
        max === 0
          ? [id, pass, fail, neutral, null, null, null]
          : [id, pass, fail, neutral, rounded(min), rounded(sum / pass), rounded(max)],
    );
    this.#counts = new Map();
    const batches = Array.from({ length: Math.ceil(rows.length / BATCH_ROWS) }, (_, i) => ({
      boot: this.#boot,
      sequence: ++this.#sequence,
      dropped: this.#outbox.dropped.minutes,
      minute: this.#minute,
      rows: rows.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS),
    }));
    const subject = minutesSubject(this.#agent);
    this.#outbox.append(batches.map((batch) => ({ kind: "minutes", subject, count: 1, body: encode(batch) })));
  }

  #now(): number {
    return Math.floor(this.#clock.date() / MINUTE) * MINUTE;
  }
}

/** Rounds a time to whole microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

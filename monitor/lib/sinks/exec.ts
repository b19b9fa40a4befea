/**
 * A sink that runs a program for each transition of a target.
 *
 * ```ts ignore
 * import { Monitor } from "@tcp-shaker/monitor";
 * import { ExecSink } from "@tcp-shaker/monitor/exec";
 *
 * await using monitor = await Monitor.start(["192.0.2.1:5432"]);
 * await using sink = new ExecSink("/usr/local/bin/notify");
 * for await (const event of monitor.events()) sink.take(event);
 * ```
 *
 * @module
 */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { MonitorEvent, TargetTransition } from "../event.ts";
import { eventJson } from "../event_json.ts";
import { SinkCounters } from "./counters.ts";
import { runProgram } from "./program.ts";
import { Retries } from "./retries.ts";
import { CLOSE_TIMEOUT_MS, type OnSinkFailure, type Sink, type SinkStatistics } from "./sink.ts";

export type { Clock } from "../clock.ts";
export { limitRepeats } from "./limit_repeats.ts";
export type { OnSinkFailure, Sink, SinkStatistics } from "./sink.ts";

/** Maximum number of concurrent programs. */
const MAX_RUNS = 8;
/** Default time limit of a program, in ms. */
const TIMEOUT_MS = 10_000;
/** Time for which first verdicts that are up are collected for one run, in ms. */
const SUMMARY_DELAY_MS = 1000;
/** Key of the summary's retry. No id is empty. */
const SUMMARY = "";

/** Options of an {@linkcode ExecSink}. */
export interface ExecOptions {
  /** Called with a message when a run fails: the program is missing, fails, or exceeds its time limit. */
  readonly onFailure?: OnSinkFailure;
  /**
   * Time limit of a program in ms, after which it is killed.
   *
   * @default {10_000}
   */
  readonly timeout?: number;
  /**
   * Time limit for queued runs when the sink ends, in ms, after which all programs are killed.
   *
   * @default {1000}
   */
  readonly closeTimeout?: number;
  /** The clock of the retries. */
  readonly clock?: Clock;
  /** Called before each run, which is cancelled if the promise rejects. */
  readonly confirm?: () => Promise<void>;
}

/** A run of the program. */
interface Run {
  /** Key of the run's retries. */
  readonly key: string;
  readonly args: string[];
  /** The program's stdin: an object on one line. */
  readonly input: string;
  /** The targets of the run. */
  readonly ids: readonly string[];
  /** Called if the run fails, unless the sink ends, to schedule a retry. */
  readonly retry: () => void;
}

/**
 * Runs a program for each transition. Its arguments are the event's type, the id, the target, `from` and `to`; its
 * stdin is the event as JSON, in the format of `tcp-checker monitor --json`. At most one program runs per target, and
 * eight in all. A newer transition of a target replaces a waiting one. First verdicts that are up share one run, with
 * the arguments `summary` and their number, and the stdin `{"type":"summary","up":[ID, ...]}`. A failed run is retried
 * with exponential back-off, from 1 s to 60 s, until it succeeds, a newer transition replaces it, or the target is
 * removed. Needs `--allow-run`.
 */
export class ExecSink implements Sink {
  readonly #program: string;
  readonly #onFailure: OnSinkFailure;
  readonly #timeout: number;
  readonly #closeTimeout: number;
  readonly #confirm: () => Promise<void>;
  /** Queued transitions by id, in the order of their targets. */
  readonly #waiting = new Map<string, TargetTransition>();
  /** The ids of targets whose program runs. */
  readonly #running = new Set<string>();
  /** The ids of running programs' targets that were removed meanwhile: their runs are not retried. */
  readonly #removed = new Set<string>();
  readonly #runs = new Set<Promise<void>>();
  /** Ids of first verdicts that are up. */
  readonly #up = new Set<string>();
  /** Whether the summary of the collected first verdicts is due. */
  #isSummaryDue = false;
  /** Runs that failed, by the target's id. */
  readonly #retries: Retries;
  /** Kills all programs. */
  readonly #kill = new AbortController();
  #isClosing = false;
  #summaryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #counters = new SinkCounters();

  /**
   * Creates the sink.
   *
   * @param program The program's path or name.
   * @param options The failure handler, and time limits.
   */
  constructor(program: string, options: ExecOptions = {}) {
    const { onFailure = () => {}, timeout = TIMEOUT_MS, closeTimeout = CLOSE_TIMEOUT_MS, clock = SYSTEM_CLOCK } =
      options;
    this.#program = program;
    this.#onFailure = onFailure;
    this.#timeout = timeout;
    this.#closeTimeout = closeTimeout;
    this.#retries = new Retries(clock);
    this.#confirm = options.confirm ?? (() => Promise.resolve());
  }

  /** Number of transitions replaced by a newer one, or dropped at the end. */
  get dropped(): number {
    return this.#counters.dropped;
  }

  /** Returns the counts of runs and transitions. A running program counts as waiting. */
  statistics(): SinkStatistics {
    return this.#counters.statistics(this.#waiting.size + this.#runs.size + this.#up.size + this.#retries.size);
  }

  /** Queues a transition, and drops what is queued for a removed target. Ignores other events. */
  take(event: MonitorEvent): void {
    if (event.type === "removed") return this.#remove(event.id);
    if (event.type !== "transition") return;
    const { id } = event;
    // A target's last run must have its newest state, so a summary and a transition must not overtake each other.
    const isReplaced = this.#retries.cancel(id) || this.#up.delete(id) || this.#waiting.has(id);
    if (isReplaced) this.#counters.dropped++;
    const isFirst = event.initial && event.to === "up" && !this.#waiting.has(id) && !this.#running.has(id);
    if (isFirst) return this.#collect(id);
    this.#waiting.set(id, event);
    this.#runNext();
  }

  /**
   * Runs the program for all queued transitions, retries failed runs once, and waits until all programs have ended.
   * After `closeTimeout` programs are killed, and the rest of the queue is dropped.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#retries.runAll();
    this.#summarize();
    const timer = setTimeout(() => this.#giveUp(), this.#closeTimeout);
    while (this.#runs.size > 0) await Promise.all(this.#runs);
    clearTimeout(timer);
  }

  #remove(id: string): void {
    const isQueued = this.#retries.cancel(id) || this.#up.delete(id) || this.#waiting.delete(id);
    if (isQueued) this.#counters.dropped++;
    if (this.#running.has(id)) this.#removed.add(id);
  }

  #collect(id: string): void {
    this.#up.add(id);
    this.#summaryTimer ??= setTimeout(() => this.#summarize(), SUMMARY_DELAY_MS);
  }

  #summarize(): void {
    clearTimeout(this.#summaryTimer);
    this.#summaryTimer = undefined;
    this.#isSummaryDue = true;
    this.#runNext();
  }

  #giveUp(): void {
    const dropped = this.#waiting.size + this.#up.size;
    this.#waiting.clear();
    this.#up.clear();
    this.#counters.dropped += dropped;
    this.#kill.abort();
    if (dropped > 0) {
      this.#onFailure(`Program ${quote(this.#program)} did not run for ${dropped} events: the end came first`);
    }
  }

  /** Starts queued runs, up to {@linkcode MAX_RUNS} at a time. */
  #runNext(): void {
    if (this.#isSummaryDue && this.#runs.size < MAX_RUNS) {
      this.#isSummaryDue = false;
      const up = [...this.#up];
      this.#up.clear();
      if (up.length > 0) {
        const retry = () => this.#retrySummary(up);
        this.#start({
          key: SUMMARY,
          args: ["summary", `${up.length}`],
          input: JSON.stringify({ type: "summary", up }),
          ids: up,
          retry,
        });
      }
    }
    for (const [id, event] of this.#waiting) {
      if (this.#runs.size >= MAX_RUNS) return;
      if (this.#running.has(id)) continue;
      this.#waiting.delete(id);
      const args = [event.type, id, event.target, event.from, event.to];
      this.#start({ key: id, args, input: eventJson(event), ids: [id], retry: () => this.#retry(event) });
    }
  }

  /** Retries a failed run, unless a newer transition of its target is queued. */
  #retry(event: TargetTransition): void {
    if (this.#waiting.has(event.id)) return;
    this.#retries.schedule(event.id, () => {
      this.#waiting.set(event.id, event);
      this.#runNext();
    });
  }

  /** Queues the first verdicts of a failed summary again, except for targets with a newer queued transition. */
  #retrySummary(ids: readonly string[]): void {
    for (const id of ids) if (!this.#waiting.has(id)) this.#up.add(id);
    this.#retries.schedule(SUMMARY, () => this.#summarize());
  }

  /** Starts a program. */
  #start({ key, args, input, ids, retry }: Run): void {
    for (const id of ids) this.#running.add(id);
    const limits = { timeout: this.#timeout, signal: this.#kill.signal };
    const run = this.#confirm().then(() => runProgram(this.#program, args, input, limits)).then(() => {
      this.#counters.delivered++;
      return true;
    }, (error) => {
      this.#counters.failed++;
      this.#onFailure(error.message);
      return false;
    }).then((succeeded) => {
      this.#runs.delete(run);
      for (const id of ids) this.#running.delete(id);
      const isRemoved = ids.filter((id) => this.#removed.delete(id)).length === ids.length;
      if (succeeded || isRemoved) this.#retries.forget(key);
      else if (!this.#isClosing) retry();
      this.#runNext();
    });
    this.#runs.add(run);
  }
}

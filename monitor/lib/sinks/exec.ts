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

import type { MonitorEvent, TargetTransition } from "../event.ts";
import type { Sink, SinkStatistics } from "./sink.ts";

export type { Sink, SinkStatistics } from "./sink.ts";

/** Programs that run at once, at most. */
const AT_ONCE = 8;
/** How long a program may run by default, in ms. */
const TIMEOUT = 10_000;
/** For how long first verdicts that are up are collected into one run, in ms. */
const SUMMARY_DELAY = 1000;

/** What may go wrong with a program: it is missing, it fails, or it is killed for its time. */
export type ExecFailure = (message: string) => void;

/** What the program reads on its stdin: a transition, or all first verdicts that were up. */
export type ExecInput = TargetTransition | { readonly type: "summary"; readonly up: readonly string[] };

/**
 * Runs a program for each transition: its arguments are the event's type, the id, the target, `from` and `to`; its stdin
 * is the event as JSON. One program runs per target, and eight over all: while a target waits for its turn, its newest
 * transition takes the place of the one that waits. First verdicts that are up share one run, with the arguments
 * `summary`, and how many there are. It needs `--allow-run`.
 */
export class ExecSink implements Sink {
  readonly #program: string;
  readonly #onFailure: ExecFailure;
  readonly #timeout: number;
  /** Transitions that wait, by id, in the order in which their targets began to wait. */
  readonly #waiting = new Map<string, TargetTransition>();
  /** The ids of targets whose program runs. */
  readonly #running = new Set<string>();
  readonly #runs = new Set<Promise<void>>();
  /** Ids of first verdicts that are up. */
  readonly #up = new Set<string>();
  /** Whether the time of the summary has come. */
  #isSummaryDue = false;
  /** Kills all programs. */
  readonly #kill = new AbortController();
  #summaryTimer: ReturnType<typeof setTimeout> | undefined;
  #dropped = 0;
  #succeeded = 0;
  #failed = 0;

  /**
   * Makes the sink.
   *
   * @param program The program's path or name.
   * @param onFailure Takes a message when a run fails.
   * @param timeout How long a program may run, in ms; then it is killed. As long waits the end for what is still to run.
   */
  constructor(program: string, onFailure: ExecFailure = () => {}, timeout: number = TIMEOUT) {
    this.#program = program;
    this.#onFailure = onFailure;
    this.#timeout = timeout;
  }

  /** How many transitions gave way to a newer one of their target, or to the end. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Returns the counts of runs and transitions. */
  statistics(): SinkStatistics {
    return {
      delivered: this.#succeeded,
      failed: this.#failed,
      dropped: this.#dropped,
      waiting: this.#waiting.size + this.#up.size,
    };
  }

  /** Takes an event; all but transitions are left alone. */
  take(event: MonitorEvent): void {
    if (event.type !== "transition") return;
    const { id } = event;
    // What the program is told last must be the newest: a summary must not overtake, nor be overtaken.
    const isFirst = event.initial && event.to === "up" && !this.#waiting.has(id) && !this.#running.has(id);
    if (isFirst) return this.#collect(id);
    if (this.#up.delete(id) || this.#waiting.has(id)) this.#dropped++;
    this.#waiting.set(id, event);
    this.#runNext();
  }

  /**
   * Waits until all programs have ended; what is collected or waits is run before. After the timeout programs are
   * killed, and what still waits is dropped.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#summarize();
    const timer = setTimeout(() => this.#giveUp(), this.#timeout);
    while (this.#runs.size > 0) await Promise.all(this.#runs);
    clearTimeout(timer);
  }

  #collect(id: string): void {
    this.#up.add(id);
    this.#summaryTimer ??= setTimeout(() => this.#summarize(), SUMMARY_DELAY);
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
    this.#dropped += dropped;
    this.#kill.abort();
    if (dropped > 0) this.#onFailure(`Cannot run ${this.#program} for ${dropped} events: the end came first`);
  }

  /** Starts what waits, as far as there may be more programs. */
  #runNext(): void {
    if (this.#isSummaryDue && this.#runs.size < AT_ONCE) {
      this.#isSummaryDue = false;
      const up = [...this.#up];
      this.#up.clear();
      if (up.length > 0) this.#start(["summary", String(up.length)], { type: "summary", up }, up);
    }
    for (const [id, event] of this.#waiting) {
      if (this.#runs.size >= AT_ONCE) return;
      if (this.#running.has(id)) continue;
      this.#waiting.delete(id);
      this.#start([event.type, id, event.target, event.from, event.to], event, [id]);
    }
  }

  /** Starts a program about some targets. */
  #start(args: string[], input: ExecInput, ids: readonly string[]): void {
    for (const id of ids) this.#running.add(id);
    const run = this.#run(args, input).then(() => {
      this.#succeeded++;
    }, (error) => {
      this.#failed++;
      this.#onFailure(`Cannot run ${this.#program}: ${error.message}`);
    }).finally(() => {
      this.#runs.delete(run);
      for (const id of ids) this.#running.delete(id);
      this.#runNext();
    });
    this.#runs.add(run);
  }

  async #run(args: string[], input: ExecInput): Promise<void> {
    const command = new Deno.Command(this.#program, { args, stdin: "piped", stdout: "null", stderr: "null" });
    const child = command.spawn();
    let isKilled = false;
    // SIGKILL, since a program may ignore SIGTERM, and its place is needed.
    const kill = () => {
      isKilled = true;
      try {
        child.kill("SIGKILL");
      } catch {
        // It has just ended by itself.
      }
    };
    const timer = setTimeout(kill, this.#timeout);
    this.#kill.signal.addEventListener("abort", kill);
    const writer = child.stdin.getWriter();
    // The program need not read it.
    writer.write(new TextEncoder().encode(`${JSON.stringify(input)}\n`)).then(() => writer.close()).catch(() => {});
    const { success, code, signal } = await child.status;
    clearTimeout(timer);
    this.#kill.signal.removeEventListener("abort", kill);
    // A process that it left behind may hold its end of the pipe.
    writer.abort().catch(() => {});
    if (isKilled) throw new Error("it was killed, because it had not ended in time");
    if (!success) throw new Error(signal === null ? `it ended with status ${code}` : `it was ended by ${signal}`);
  }
}

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

/** Programs that run at once, at most. */
const AT_ONCE = 8;
/** How long a program may run, in ms; then it is killed. */
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
export class ExecSink implements AsyncDisposable {
  readonly #program: string;
  readonly #onFailure: ExecFailure;
  /** Transitions that wait, by id, in the order in which their targets began to wait. */
  readonly #waiting = new Map<string, TargetTransition>();
  /** The ids of targets whose program runs. */
  readonly #running = new Set<string>();
  readonly #runs = new Set<Promise<void>>();
  /** Ids of first verdicts that are up. */
  #up: string[] = [];
  #summaryTimer: ReturnType<typeof setTimeout> | undefined;
  #dropped = 0;

  /**
   * Makes the sink.
   *
   * @param program The program's path or name.
   * @param onFailure Takes a message when a run fails.
   */
  constructor(program: string, onFailure: ExecFailure = () => {}) {
    this.#program = program;
    this.#onFailure = onFailure;
  }

  /** How many transitions gave way to a newer one of their target. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes an event; all but transitions are left alone. */
  take(event: MonitorEvent): void {
    if (event.type !== "transition") return;
    if (event.initial && event.to === "up") return this.#collect(event.id);
    if (this.#waiting.has(event.id)) this.#dropped++;
    this.#waiting.set(event.id, event);
    this.#runNext();
  }

  /** Waits until all programs have ended; what is collected or waits is run before. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#summarize();
    while (this.#runs.size > 0) await Promise.all(this.#runs);
  }

  #collect(id: string): void {
    this.#up.push(id);
    this.#summaryTimer ??= setTimeout(() => this.#summarize(), SUMMARY_DELAY);
  }

  #summarize(): void {
    clearTimeout(this.#summaryTimer);
    this.#summaryTimer = undefined;
    const up = this.#up;
    this.#up = [];
    if (up.length > 0) this.#start(["summary", String(up.length)], { type: "summary", up });
  }

  #runNext(): void {
    for (const [id, event] of this.#waiting) {
      if (this.#runs.size >= AT_ONCE) return;
      if (this.#running.has(id)) continue;
      this.#waiting.delete(id);
      this.#running.add(id);
      this.#start([event.type, id, event.target, event.from, event.to], event, () => this.#running.delete(id));
    }
  }

  #start(args: string[], input: ExecInput, then = () => {}): void {
    const run = this.#run(args, input).catch((error) =>
      this.#onFailure(`Cannot run ${this.#program}: ${error.message}`)
    )
      .finally(() => {
        this.#runs.delete(run);
        then();
        this.#runNext();
      });
    this.#runs.add(run);
  }

  async #run(args: string[], input: ExecInput): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT);
    const command = new Deno.Command(this.#program, { args, stdin: "piped", stdout: "null", stderr: "null", signal });
    const child = command.spawn();
    const writer = child.stdin.getWriter();
    // The program need not read it.
    writer.write(new TextEncoder().encode(`${JSON.stringify(input)}\n`)).then(() => writer.close()).catch(() => {});
    const { success, code, signal: ended } = await child.status;
    if (signal.aborted) throw new Error(`it was ended after ${TIMEOUT / 1000} s`);
    if (!success) throw new Error(ended === null ? `it ended with status ${code}` : `it was ended by ${ended}`);
  }
}

/** The tally: checks made, their results, and the probes that these imply. */

import type { CheckResult } from "../../mod.ts";
import { outcome } from "../support/outcome.ts";
import type { Answer, Found, Target } from "./targets.ts";

/** Probes, by what they come upon. */
export type Probes = Record<Found, number>;

/** The shortest time for which the kernel delays an ACK: `TCP_DELACK_MAX`, 200 ms, and a timer's tick. */
const HELD_BACK = 180;
const NOTICED = "up but noticed";

/** Counts since the tally's creation. A wrong result throws. */
export class Tally {
  /** Results by status, and rejections. */
  readonly outcomes: Record<string, number> = {};
  /** Probes that were certainly sent. */
  readonly sent: Probes = { open: 0, closed: 0, silent: 0 };
  /** Probes that checks cancelled in flight may also have sent. */
  readonly maybeSent: Probes = { open: 0, closed: 0, silent: 0 };
  readonly #whole: Tally | undefined;

  /** Creates a tally.
   *
   * @param whole Those of which they are a part.
   */
  constructor(whole?: Tally) {
    this.#whole = whole;
  }

  /** Checks that have ended, one way or the other. */
  get checks(): number {
    return Object.values(this.outcomes).reduce((sum, count) => sum + count, 0);
  }

  /** Handshakes completed for want of CPU time, whose results have mode "full". */
  get noticed(): number {
    return this.outcomes[NOTICED] ?? 0;
  }

  /**
   * Takes a result.
   *
   * @param result The result.
   * @param answer What the target's rule says.
   * @param timeout The check's.
   */
  result(result: CheckResult, answer: Answer, timeout: number): void {
    if (outcome(result) !== answer.outcome) throw new Error(`${Deno.inspect(result)} should be: ${answer.outcome}`);
    const noticed = result.mode === "full";
    if (noticed && result.duration < HELD_BACK) throw new Error(`The last ACK has left: ${Deno.inspect(result)}`);
    if (result.status === "timeout" && result.duration < timeout) {
      throw new Error(`Its timeout was ${timeout} ms: ${Deno.inspect(result)}`);
    }
    this.#count(noticed ? NOTICED : result.status, "sent", answer);
  }

  /** A check was cancelled on the way. */
  cancelled(answer: Answer): void {
    this.#count("cancelled", "maybeSent", answer);
  }

  /** A check was rejected before it began. */
  refused(why: "cancelled before" | "misuse"): void {
    this.#count(why);
  }

  #count(outcome: string, probes: "sent" | "maybeSent" = "sent", answer?: Answer): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
    for (const found of answer?.probes ?? []) this[probes][found]++;
    if (this.#whole !== undefined) this.#whole.#count(outcome, probes, answer);
  }
}

/** The answers that a stream of results owes. */
export class Owed {
  readonly #answers = new Map<unknown, Answer[]>();

  /** A target was taken from the iterable. */
  take({ target, answers }: Target, resolve: keyof Target["answers"]): void {
    const owed = this.#answers.get(target);
    if (owed === undefined) this.#answers.set(target, [...answers[resolve]]);
    else owed.push(...answers[resolve]);
  }

  /** The answer that a result is; throws if none like it is owed, or no longer. */
  give(result: CheckResult): Answer {
    const owed = this.#answers.get(result.target) ?? [];
    const index = owed.findIndex((answer) => answer.outcome === outcome(result));
    if (index < 0) throw new Error(`Unexpected result: not requested, or answered already: ${Deno.inspect(result)}`);
    return owed.splice(index, 1)[0];
  }

  /** Those that were not given. */
  get left(): Answer[] {
    return [...this.#answers.values()].flat();
  }
}

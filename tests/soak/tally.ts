/** The tally: checks made, their results, and the probes that these imply. */

import type { CheckResult } from "../../mod.ts";
import { outcome } from "../support/outcome.ts";
import type { Expectation, PortState, Target } from "./targets.ts";

/** Numbers of probes by the state of the port. */
export type Probes = Record<PortState, number>;

/** The shortest time for which the kernel delays an ACK: `TCP_DELACK_MAX`, 200 ms, less a jiffy. */
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
   * @param whole A tally that also counts these checks.
   */
  constructor(whole?: Tally) {
    this.#whole = whole;
  }

  /** Number of checks that have ended. */
  get checks(): number {
    return Object.values(this.outcomes).reduce((sum, count) => sum + count, 0);
  }

  /** Handshakes completed for lack of CPU, whose results have mode "full". */
  get noticed(): number {
    return this.outcomes[NOTICED] ?? 0;
  }

  /**
   * Counts a result.
   *
   * @param result The result.
   * @param expectation The expected result, by the target's rule.
   * @param timeout The timeout of the check.
   */
  result(result: CheckResult, expectation: Expectation, timeout: number): void {
    if (outcome(result) !== expectation.outcome) {
      throw new Error(`${Deno.inspect(result)} should be: ${expectation.outcome}`);
    }
    const noticed = result.mode === "full";
    if (noticed && result.duration < HELD_BACK) throw new Error(`The last ACK was sent: ${Deno.inspect(result)}`);
    if (result.status === "timeout" && result.duration < timeout) {
      throw new Error(`Its timeout was ${timeout} ms: ${Deno.inspect(result)}`);
    }
    this.#count(noticed ? NOTICED : result.status, "sent", expectation);
  }

  /** Counts a check that was cancelled in flight. */
  cancelled(expectation: Expectation): void {
    this.#count("cancelled", "maybeSent", expectation);
  }

  /** Counts a check that was rejected before its start. */
  rejected(why: "cancelled before" | "misuse"): void {
    this.#count(why);
  }

  #count(outcome: string, probes: "sent" | "maybeSent" = "sent", expectation?: Expectation): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
    for (const found of expectation?.probes ?? []) this[probes][found]++;
    if (this.#whole !== undefined) this.#whole.#count(outcome, probes, expectation);
  }
}

/** The outstanding results of a `checkAll()`. */
export class ExpectedResults {
  readonly #answers = new Map<unknown, Expectation[]>();

  /** Adds a target that was taken from the iterable. */
  add({ target, answers }: Target, resolve: keyof Target["answers"]): void {
    const expected = this.#answers.get(target);
    if (expected === undefined) this.#answers.set(target, [...answers[resolve]]);
    else expected.push(...answers[resolve]);
  }

  /** Removes a result. Throws if no such result is expected. */
  match(result: CheckResult): Expectation {
    const expected = this.#answers.get(result.target) ?? [];
    const index = expected.findIndex((answer) => answer.outcome === outcome(result));
    if (index < 0) throw new Error(`Unexpected result, not requested or duplicate: ${Deno.inspect(result)}`);
    return expected.splice(index, 1)[0];
  }

  /** The outstanding results. */
  get left(): Expectation[] {
    return [...this.#answers.values()].flat();
  }
}

/** What the live table shows of a target. */

import type { CheckResult, Mode } from "@tcp-shaker/tcp-shaker";
import type { Status } from "../tally.ts";
import type { Target } from "../targets/target.ts";

/** How many of the last checks are shown. */
const HISTORY = 20;

/** Follows the checks of a target. */
export class Row {
  readonly target: Target;
  /** The last round trip times, in ms, the newest last; `undefined` where it was not up. */
  readonly history: (number | undefined)[] = [];
  #status: Status | undefined;
  #mode: Mode | undefined;
  #changedAt: number | undefined;
  #checks = 0;
  #up = 0;

  constructor(target: Target) {
    this.target = target;
  }

  /** Takes a result, and when it came. */
  add(result: CheckResult, now: number): void {
    if (result.status !== this.#status) this.#changedAt = now;
    this.#status = result.status;
    this.#mode = result.mode;
    this.#checks++;
    if (result.status === "up") this.#up++;
    this.history.push(result.status === "up" ? result.rtt : undefined);
    if (this.history.length > HISTORY) this.history.shift();
  }

  /** The last status; `undefined` before the first check. */
  get status(): Status | undefined {
    return this.#status;
  }

  /** Whether the last check was a full connect, which the application has seen. */
  get isFull(): boolean {
    return this.#status === "up" && this.#mode === "full";
  }

  /** The last round trip time, if it is up. */
  get rtt(): number | undefined {
    return this.history.at(-1);
  }

  /** The share of checks that did not find it up: 0 to 1. */
  get loss(): number {
    return this.#checks === 0 ? 0 : 1 - this.#up / this.#checks;
  }

  /** When the status last changed. */
  get changedAt(): number | undefined {
    return this.#changedAt;
  }
}

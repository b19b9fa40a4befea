/** Entry of a target in the check loop, and the receiver of its results. */

import type { CheckReceiver, CheckResult } from "@tcp-shaker/tcp-shaker";
import { classify, type Outcome } from "./classify.ts";
import { ScheduledTarget } from "./schedule.ts";

/** Called at the end of a check. */
export type EndCheck<Item> = (
  scheduled: ScheduledCheck<Item>,
  outcome: Outcome,
  result: CheckResult | undefined,
  error?: unknown,
) => void;

/** A target in the check loop, and the receiver of its results, so that a check needs no promise and no closure. */
export class ScheduledCheck<Item> extends ScheduledTarget<Item> implements CheckReceiver {
  /** The timeout of the check in flight, kept because the settings may change before the check ends. */
  timeout: number = 0;
  readonly #end: EndCheck<Item>;

  /**
   * @param end Called at the end of each check.
   * @param scheduled The target, and its intervals.
   */
  constructor(end: EndCheck<Item>, ...scheduled: ConstructorParameters<typeof ScheduledTarget<Item>>) {
    super(...scheduled);
    this.#end = end;
  }

  /** Receives the result of a check. */
  settle(result: CheckResult): void {
    this.#end(this, classify(result, this.timeout), result);
  }

  /** Receives the error of a check that could not be made. */
  fail(error: unknown): void {
    this.#end(this, "neutral", undefined, error);
  }
}

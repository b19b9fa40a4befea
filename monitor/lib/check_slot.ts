/** Place of a target in the check loop, and the receiver of its results. */

import type { CheckReceiver, CheckResult } from "@tcp-shaker/tcp-shaker";
import { classify, type Outcome } from "./classify.ts";
import type { Entry } from "./entry.ts";
import { Slot } from "./schedule.ts";
import { pace } from "./state.ts";

/** Takes the end of a check. */
export type EndCheck = (slot: CheckSlot, outcome: Outcome, result: CheckResult | undefined, error?: unknown) => void;

/** A target in the check loop. It is the receiver of each check, so that a check needs no promise and no closure. */
export class CheckSlot extends Slot<Entry> implements CheckReceiver {
  /** The timeout of the check under way: the settings may change meanwhile. */
  timeout: number = 0;
  readonly #end: EndCheck;

  /**
   * @param entry The target.
   * @param end Called at the end of each check.
   */
  constructor(entry: Entry, end: EndCheck) {
    super(entry, entry.settings.intervals, pace(entry.verdict));
    this.#end = end;
  }

  /** Takes the result of a check. */
  settle(result: CheckResult): void {
    this.#end(this, classify(result, this.timeout), result);
  }

  /** Takes the error of a check that could not be made. */
  fail(error: unknown): void {
    this.#end(this, "neutral", undefined, error);
  }
}

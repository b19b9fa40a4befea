/** Interface of observers of a monitor: synchronous callbacks for every check and every event. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Outcome } from "./classify.ts";
import type { PublishedEvent } from "./event.ts";

/** Observer of a monitor. Its methods are called synchronously, so they must be short and must not throw. */
export interface MonitorObserver {
  /**
   * Called at the end of a check, before the verdict.
   *
   * @param id The target's id.
   * @param outcome The outcome of the check.
   * @param now The monotonic clock.
   * @param result The result; `undefined` if the check could not be made.
   */
  checked(id: string, outcome: Outcome, now: number, result: CheckResult | undefined): void;
  /** Called with an event, before the event's readers get it. */
  published(event: PublishedEvent): void;
}

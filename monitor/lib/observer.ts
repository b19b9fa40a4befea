/** Interface of what observes a monitor on its own thread: every check and every event, without a queue. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Outcome } from "./classify.ts";
import type { PublishedEvent } from "./event.ts";

/** Observer of a monitor. The next check waits for each call, which must be short and must not throw. */
export interface MonitorObserver {
  /**
   * Takes the end of a check, before it is judged.
   *
   * @param id The target's id.
   * @param outcome What the check says about the target.
   * @param now The monotonic clock.
   * @param result The result; `undefined` if the check could not be made.
   */
  checked(id: string, outcome: Outcome, now: number, result: CheckResult | undefined): void;
  /** Takes an event, before its readers do. */
  published(event: PublishedEvent): void;
}

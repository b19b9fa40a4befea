/** Counters of a sink. */

import type { SinkStatistics } from "./sink.ts";

/** Counters for {@linkcode SinkStatistics}. */
export class SinkCounters {
  delivered = 0;
  failed = 0;
  dropped = 0;

  /**
   * Returns the counts.
   *
   * @param waiting The number of waiting notifications.
   */
  statistics(waiting: number): SinkStatistics {
    return { delivered: this.delivered, failed: this.failed, dropped: this.dropped, waiting };
  }
}

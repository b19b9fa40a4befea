/** Cache of the uptime of all targets, because reading it takes too long for a scrape. */

import type { Status } from "../../status/status.ts";

const HOUR = 3_600_000;
/** Time windows, by their names in metrics. */
const WINDOWS = { "24h": 24 * HOUR, "30d": 30 * 24 * HOUR } as const;
/** Age in ms after which the values are read again; 10,000 targets cost 1.3 s of CPU time. */
const MAX_AGE = 300_000;

/** The name of a time window. */
export type UptimeWindow = keyof typeof WINDOWS;

/** Uptimes, 0 to 1, by target id. Targets without known time are absent. */
export type UptimeRatios = ReadonlyMap<string, number>;

/** Reads uptimes from the stored history in the background. */
export class UptimeCache {
  readonly #status: Status;
  #ratios: ReadonlyMap<UptimeWindow, UptimeRatios> = new Map();
  #readAt = -Infinity;

  /** @param status The history. Without a database there are no values. */
  constructor(status: Status) {
    this.#status = status;
  }

  /** Returns the cached values, and starts to read new ones if they are too old. The first scrape gets none. */
  ratios(): ReadonlyMap<UptimeWindow, UptimeRatios> {
    if (this.#status.isStored && performance.now() - this.#readAt > MAX_AGE) {
      this.#readAt = performance.now();
      void this.#read();
    }
    return this.#ratios;
  }

  async #read(): Promise<void> {
    const ratios = new Map<UptimeWindow, UptimeRatios>();
    try {
      for (const window of Object.keys(WINDOWS) as UptimeWindow[]) {
        const to = Date.now();
        const uptimes = await this.#status.history.uptime({ from: to - WINDOWS[window], to });
        ratios.set(
          window,
          new Map(uptimes.entries().flatMap(([id, { uptime }]) => uptime === null ? [] : [[id, uptime]])),
        );
      }
    } catch {
      // Cleared, because old values would look current.
      ratios.clear();
    }
    this.#ratios = ratios;
  }
}

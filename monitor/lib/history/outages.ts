/** Outages of targets, from their events. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { PublishedEvent } from "../event.ts";

/** Outage: a period in which a target was down. */
export interface Outage {
  /** The target's id. */
  readonly id: string;
  /** `"host:port"`. */
  readonly target: string;
  /** The target's group; `""` if it has none. */
  readonly group: string;
  /** When the target went down, in ms since 1970. */
  readonly start: number;
  /** When the target became up or unknown, entered maintenance or was removed; absent if it is still down. */
  readonly end?: number;
  /** The length in ms; without an end, up to when the monitor was last seen. */
  readonly length: number;
  /**
   * Result of the check that caused the outage, such as `refused ECONNREFUSED`; in a fleet, the reason of the
   * witnesses. Without a check: `reports`, or a text about the option `initial` at the end of a maintenance.
   */
  readonly reason: string;
}

/** Run of a monitor, from its start to its end. */
export interface Run {
  /** The boot number; ids of events begin with it. */
  readonly boot: number;
  /** When the run was last seen, in ms since 1970. */
  readonly seen: number;
}

/** Whether a target was down when a run was last seen. */
export type WasDown = (id: string, run: Run) => boolean;

/** Event from the database. */
export type ReadEvent = PublishedEvent & { readonly boot: number };

/** Finds outages in a sequence of events, oldest first. */
export class OutageFinder {
  readonly #runs: readonly Run[];
  readonly #wasDown: WasDown;
  readonly #open = new Map<string, Omit<Outage, "end" | "length">>();
  /** The run of the last event of each target that is down. */
  readonly #boots = new Map<string, number>();

  /**
   * @param runs All runs, oldest first.
   * @param wasDown Called for a run that has no event of the target.
   */
  constructor(runs: readonly Run[], wasDown: WasDown) {
    this.#runs = runs;
    this.#wasDown = wasDown;
  }

  /**
   * Processes an event.
   *
   * @returns The outage that the event ends, if any.
   */
  take(event: ReadEvent): Outage | undefined {
    if (event.type === "removed") return this.#end(event.id, event.at);
    if (event.type !== "transition" && event.type !== "maintenance") return undefined;
    const { id, at, from, to } = event;
    // If a run did not restore the states, its targets start as unknown, so the outage ends with an earlier run.
    const isAnew = from === "unknown" && this.#boots.get(id) !== event.boot;
    const end = isAnew ? this.#seenDown(id, event.boot) : to === "down" ? undefined : at;
    const ended = end === undefined ? undefined : this.#end(id, end);
    if (to === "down" && from !== "down") this.#begin(event);
    return ended;
  }

  /**
   * Lists the outages that no event has ended.
   *
   * @param down The ids of targets that are still down. Other targets were not monitored by the last run.
   */
  *unended(down: ReadonlySet<string>): Generator<Outage, void> {
    for (const [id, outage] of this.#open) {
      const end = (down.has(id) ? this.#runs.at(-1)?.seen : this.#seenDown(id)) ?? outage.start;
      yield { ...outage, ...!down.has(id) && { end }, length: Math.max(0, end - outage.start) };
    }
  }

  #begin({ id, target, group, at, boot, ...event }: Extract<ReadEvent, { id: string }>): void {
    const reason = "result" in event && event.result !== undefined ? reasonText(event.result) : reasonGiven(event);
    this.#open.set(id, { id, target, group, start: at, reason });
    this.#boots.set(id, boot);
  }

  #end(id: string, at: number): Outage | undefined {
    const outage = this.#open.get(id);
    this.#open.delete(id);
    this.#boots.delete(id);
    return outage && { ...outage, end: at, length: Math.max(0, at - outage.start) };
  }

  /**
   * Returns the last time at which an open outage is known to have lasted. A run may have no event of a target, because
   * the target was down all the time, or because the run did not monitor it.
   *
   * @param id The target's id.
   * @param before Only runs before this one.
   */
  #seenDown(id: string, before = Infinity): number | undefined {
    const first = this.#boots.get(id);
    if (first === undefined) return undefined;
    return this.#runs.findLast((run) =>
      run.boot < before && (run.boot === first || (run.boot > first && this.#wasDown(id, run)))
    )?.seen;
  }
}

/** Returns the reason of an event without a check: that of a fleet's witnesses, or reports of real traffic. */
function reasonGiven(event: Pick<PublishedEvent, "type"> & { reason?: string }): string {
  // The reason of a maintenance is not the reason of the outage after it.
  return event.type === "transition" ? event.reason ?? "reports" : "down by the option initial, without a check";
}

function reasonText(result: CheckResult): string {
  return "code" in result ? `${result.status} ${result.code}` : result.status;
}

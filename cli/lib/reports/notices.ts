/** Active alarms of a monitor. */

import type { Monitor, MonitorEvent, Overload, Storm, Trouble } from "@tcp-shaker/monitor";
import { timeOfDay } from "../text.ts";

/** Collects alarms from the events of a monitor. */
export class Notices {
  readonly #active = new Map<string, string>();

  /** The alarms, one line each. */
  get lines(): readonly string[] {
    return [...this.#active.values()];
  }

  /** Follows the events until the monitor ends, or the signal aborts. */
  async follow(monitor: Monitor, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of monitor.events({ signal })) this.#take(event);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #take(event: MonitorEvent): void {
    if (event.type !== "storm" && event.type !== "trouble" && event.type !== "overload") return;
    const key = event.type === "storm" ? `storm ${event.group ?? ""}` : event.type;
    if (event.active) this.#active.set(key, noticeText(event));
    else this.#active.delete(key);
  }
}

function noticeText(event: Storm | Trouble | Overload): string {
  return `${event.type} since ${timeOfDay(event.at)}: ${causeText(event)}`;
}

function causeText(event: Storm | Trouble | Overload): string {
  switch (event.type) {
    case "storm":
      return "many targets went down at the same time, perhaps because of this host";
    case "trouble":
      return `most checks failed on this host or in the resolver (${event.reason})`;
    case "overload":
      return "more checks are due than can start";
  }
}

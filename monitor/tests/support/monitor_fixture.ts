/** A monitor with a manual clock and scripted checks. */

import { Monitor, type MonitorEvent, type MonitorOptions, type MonitorTarget } from "../../mod.ts";
import { HeldClock, settle } from "./held_clock.ts";
import { type Finding, ScriptedProber } from "./scripted_prober.ts";

/** The target of most tests. */
export const A = "192.0.2.1:1";
/** Another target. */
export const B = "192.0.2.2:1";

/** A monitor, its clock and its checks. */
export class MonitorFixture implements AsyncDisposable {
  readonly clock = new HeldClock();
  /** Results of checks by target; `"up"` by default. */
  readonly findings: Record<string, Finding> = {};
  readonly prober = new ScriptedProber((target) => target in this.findings ? this.findings[target] : "up");
  monitor!: Monitor;
  readonly events: MonitorEvent[] = [];

  static async start(targets: Iterable<MonitorTarget>, options: MonitorOptions = {}): Promise<MonitorFixture> {
    const fixture = new MonitorFixture();
    fixture.monitor = await Monitor.start(targets, options, { clock: fixture.clock, prober: fixture.prober });
    fixture.#collect();
    return fixture;
  }

  async #collect(): Promise<void> {
    for await (const event of this.monitor.events()) this.events.push(event);
  }

  /** Returns the events since the last call, in short form. */
  take(): string[] {
    return this.events.splice(0).map((event) => {
      const about = "id" in event ? event.id : "group" in event ? event.group : "all";
      const what = "to" in event ? `${event.from} -> ${event.to}` : "active" in event ? event.active : "";
      return `${event.type} ${about} ${what}`.trim();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.monitor[Symbol.asyncDispose]();
    await settle();
  }
}

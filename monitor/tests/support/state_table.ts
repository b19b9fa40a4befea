/** Table of target states that a test sets, with their events. */

import type { MonitorEvent, PublishedEvent, State, TargetState } from "../../mod.ts";
import type { StateSource } from "../../lib/state_source.ts";

/** Fields that a test sets; the others have arbitrary values. */
export type Said = Partial<TargetState> & { readonly state: State };

export class StateTable implements StateSource {
  readonly #states = new Map<string, TargetState>();
  #sequence = 0;

  /** @param date The wall clock. */
  constructor(readonly date: () => number) {}

  get(id: string): TargetState | undefined {
    return this.#states.get(id);
  }

  states(): Iterable<TargetState> {
    return this.#states.values();
  }

  /** Sets a target's state. */
  set(id: string, said: Said): void {
    const counts = { checks: 1, failures: 0, neutral: 0, reports: 0, transitions: 0, downtime: 0 };
    const rest = { target: `${id}:80`, group: "", labels: {}, degraded: false, flapping: false, since: this.date() };
    this.#states.set(id, { id, ...counts, ...rest, ...said });
  }

  /** Sets a target's state, and emits the transition. */
  transition(id: string, to: State, said: Partial<TargetState> = {}): MonitorEvent {
    const from = this.#states.get(id)?.state ?? "unknown";
    this.set(id, { state: to, ...said });
    const change = { from, to, count: 1, of: 1, duration: 0, initial: from === "unknown" };
    return this.#about(id, { type: "transition", ...change });
  }

  /** Sets a target's flag, and emits its event. */
  flag(id: string, type: "degraded" | "flapping", active: boolean): MonitorEvent {
    this.set(id, { ...this.#states.get(id)!, [type]: active });
    return this.#about(id, { type, active });
  }

  /** Begins or ends a target's maintenance. */
  maintain(id: string, active: boolean, to: State = active ? "maintenance" : "unknown"): MonitorEvent {
    const from = this.#states.get(id)!.state;
    this.set(id, { ...this.#states.get(id)!, state: to });
    return this.#about(id, { type: "maintenance", active, from, to, duration: 0 });
  }

  /** Removes a target. */
  remove(id: string): MonitorEvent {
    const event = this.#about(id, { type: "removed" });
    this.#states.delete(id);
    return event;
  }

  /** A storm that begins or ends. */
  storm(active: boolean, group?: string): MonitorEvent {
    const about = { at: this.date(), sequence: ++this.#sequence };
    return { ...about, type: "storm", active, ...group !== undefined && { group }, count: 5, of: 10, within: 4000 };
  }

  #about(id: string, event: object): MonitorEvent {
    const { target, group, labels } = this.#states.get(id)!;
    const about = { id, target, group, labels, at: this.date(), sequence: ++this.#sequence };
    return { ...about, ...event } as PublishedEvent;
  }
}

/**
 * Presence of agents by the stream's clock: the server's timestamp of the latest message of the state. Clocks of hosts
 * don't matter. For a reader that is cut off the clock stands still, so that no lease expires.
 *
 * The stream keeps the last message per key. So a reader that is behind misses the renewals of a lease up to the latest
 * one, which may follow messages that are newer by more than a lease. No lease expires until it has read all messages.
 */

import type { AgentLease } from "../protocol/lease.ts";

/** An agent and its last lease. */
export interface PresentAgent {
  readonly name: string;
  readonly lease: AgentLease;
  /** When the server stored the lease, in ms since 1970. */
  readonly renewed: number;
}

/** The agents whose leases last. */
export class Presence {
  readonly #present = new Map<string, PresentAgent>();
  #clock = 0;
  /** Lower bound of the time when the next lease expires, so that most messages need no search. */
  #nextEnd = Infinity;

  /** The stream's clock, in ms since 1970. */
  get clock(): number {
    return this.#clock;
  }

  /** The agents that are present. */
  get agents(): ReadonlyMap<string, PresentAgent> {
    return this.#present;
  }

  /**
   * Advances the clock.
   *
   * @param time The time of a message of the state.
   * @param isNewest Whether the reader has read all messages. If not, no lease expires.
   * @returns The agents that are absent from now on.
   */
  advance(time: number, isNewest = true): PresentAgent[] {
    this.#clock = Math.max(this.#clock, time);
    if (!isNewest || this.#clock <= this.#nextEnd) return [];
    const agents = [...this.#present.values()];
    const absent = agents.filter((agent) => endOf(agent) < this.#clock);
    for (const { name } of absent) this.#present.delete(name);
    this.#nextEnd = Math.min(Infinity, ...[...this.#present.values()].map(endOf));
    return absent;
  }

  /**
   * Takes a lease. The clock has to be advanced to its time before.
   *
   * @param name The agent's name.
   * @param lease The lease; `undefined` if the key was deleted.
   * @param time When the server stored it.
   * @returns The agent's last lease before, if it was present.
   */
  renew(name: string, lease: AgentLease | undefined, time: number): PresentAgent | undefined {
    const before = this.#present.get(name);
    const agent = lease === undefined || lease.left ? undefined : { name, lease, renewed: time };
    if (agent === undefined || endOf(agent) < this.#clock) this.#present.delete(name);
    else {
      this.#present.set(name, agent);
      this.#nextEnd = Math.min(this.#nextEnd, endOf(agent));
    }
    return before;
  }
}

function endOf({ lease, renewed }: PresentAgent): number {
  return renewed + lease.lease;
}

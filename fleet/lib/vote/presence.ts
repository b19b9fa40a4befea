/**
 * Presence of agents by the stream's clock, the server's timestamp of the latest message. Hosts' clocks don't matter.
 * The clock of a disconnected reader does not advance, so no lease expires.
 *
 * The stream keeps only the last message per key, so a reader that is behind misses earlier renewals of a lease. The
 * latest one may follow messages that are newer by more than a lease. So no lease expires until all messages are read.
 */

import type { AgentLease } from "../protocol/lease.ts";

/** An agent and its last lease. */
export interface PresentAgent {
  readonly name: string;
  readonly lease: AgentLease;
  /** When the server stored the lease, in ms since 1970. */
  readonly renewed: number;
}

/** The agents whose leases have not expired. */
export class Presence {
  readonly #present = new Map<string, PresentAgent>();
  #clock = 0;
  /** Lower bound of the next expiry of a lease, so that most messages need no search. */
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
   * @param time The time of a message.
   * @param isNewest Whether the reader has read all messages. If not, no lease expires.
   * @returns The agents whose leases expire.
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
   * Applies a lease. Advance the clock to its time first.
   *
   * @param name The agent's name.
   * @param lease The lease; `undefined` if the key was deleted.
   * @param time When the server stored it.
   * @returns The agent's previous lease, if the agent was present.
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

/**
 * Presence of agents by the stream's clock: the server's timestamp of the latest message of the state. Clocks of hosts
 * don't matter. For a reader that is cut off the clock stands still, so that no lease expires.
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
  #isHeld = false;

  /** The stream's clock, in ms since 1970. */
  get clock(): number {
    return this.#clock;
  }

  /** The agents that are present. */
  get agents(): ReadonlyMap<string, PresentAgent> {
    return this.#present;
  }

  /**
   * Holds leases until {@linkcode Presence.release}: none expires. A reader that catches up gets only the last message
   * per key, so the clock may be far ahead of the latest lease that it has read.
   */
  hold(): void {
    this.#isHeld = true;
  }

  /**
   * Ends the hold.
   *
   * @returns The agents whose leases have expired.
   */
  release(): PresentAgent[] {
    this.#isHeld = false;
    return this.advance(this.#clock);
  }

  /**
   * Advances the clock.
   *
   * @param time The time of a message of the state.
   * @returns The agents that are absent from now on.
   */
  advance(time: number): PresentAgent[] {
    this.#clock = Math.max(this.#clock, time);
    if (this.#isHeld || this.#clock <= this.#nextEnd) return [];
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

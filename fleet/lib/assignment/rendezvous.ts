/**
 * Rendezvous hashing (highest random weight) of shards to agents. Each agent computes the same result, so no leader is
 * needed. When an agent joins or leaves, only its own shards move.
 */

import { hash, mix } from "./hash.ts";
import { SHARDS } from "./shards.ts";

/** An agent that may be a witness. */
export interface Candidate {
  /** The agent's name. */
  readonly name: string;
  /** The agent's zone. */
  readonly zone: string;
}

/** Assignment of shards to agents. */
export class Assignment {
  /** Sorted by name, so that every agent breaks ties of weights alike. */
  readonly #names: readonly string[];
  readonly #hashes: Int32Array;
  /** The number of each agent's zone. */
  readonly #zones: Uint16Array;
  readonly #count: number;
  /** The agent with the greatest weight in each zone, for one shard. Reused for each shard, like the next field. */
  readonly #best: Int32Array;
  readonly #weights: Int32Array;

  /**
   * Prepares an assignment.
   *
   * @param candidates The present agents, in any order.
   * @param count The number of witnesses per shard.
   */
  constructor(candidates: Iterable<Candidate>, count: number) {
    const agents = [...candidates].sort((a, b) => a.name < b.name ? -1 : 1);
    const zones = new Map<string, number>();
    for (const { zone } of agents) zones.getOrInsert(zone, zones.size);
    this.#names = agents.map(({ name }) => name);
    this.#hashes = Int32Array.from(this.#names, hash);
    this.#zones = Uint16Array.from(agents, ({ zone }) => zones.get(zone)!);
    this.#count = Math.min(count, agents.length);
    this.#best = new Int32Array(zones.size);
    this.#weights = new Int32Array(agents.length);
  }

  /**
   * Chooses the witnesses of a shard: the agents with the greatest weights, one per zone. A zone has several witnesses
   * only if there are fewer zones than witnesses.
   *
   * @param shard The shard.
   * @returns The names of the witnesses, the greatest weight first.
   */
  witnesses(shard: number): string[] {
    return this.#choose(shard).map((agent) => this.#names[agent]);
  }

  /**
   * Lists the shards of one agent.
   *
   * @param name The agent's name.
   * @returns The steps, one per shard. They return one byte per shard: 1 if the agent is a witness.
   */
  *shardsOf(name: string): Generator<void, Uint8Array> {
    const own = this.#names.indexOf(name);
    const shards = new Uint8Array(SHARDS);
    for (let shard = 0; shard < SHARDS; shard++) {
      shards[shard] = this.#choose(shard).includes(own) ? 1 : 0;
      yield;
    }
    return shards;
  }

  #choose(shard: number): number[] {
    this.#weigh(shard);
    const byZone = this.#greatest([...this.#best], this.#count);
    if (byZone.length === this.#count) return byZone;
    const others = [...this.#names.keys()].filter((agent) => !byZone.includes(agent));
    return [...byZone, ...this.#greatest(others, this.#count - byZone.length)];
  }

  /** Computes the weights of all agents, and the best agent of each zone. */
  #weigh(shard: number): void {
    const mixed = mix(Math.imul(shard + 1, 0x9e3779b1));
    this.#best.fill(-1);
    for (let agent = 0; agent < this.#weights.length; agent++) {
      const weight = this.#weights[agent] = mix(this.#hashes[agent] ^ mixed);
      const best = this.#best[this.#zones[agent]];
      if (best < 0 || weight > this.#weights[best]) this.#best[this.#zones[agent]] = agent;
    }
  }

  /** Returns the agents with the greatest weights, in order. */
  #greatest(agents: number[], count: number): number[] {
    return agents.sort((a, b) => this.#weights[b] - this.#weights[a] || a - b).slice(0, count);
  }
}

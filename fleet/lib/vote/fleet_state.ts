/**
 * State of the fleet: leases and words, from the messages of the state in the order of the stream. All readers of the
 * same messages compute the same verdicts.
 */

import { Malformed } from "../protocol/malformed.ts";
import { parseAgentLease } from "../protocol/lease.ts";
import { parseStateKey } from "../protocol/subjects.ts";
import { parseWordSlice, type Word, type WordSlice } from "../protocol/words.ts";
import { Presence, type PresentAgent } from "./presence.ts";
import { type FleetVerdict, judge, resolveVote, type Vote } from "./verdict.ts";
import type { VoteOptions } from "../vote_options.ts";

/** A message of the state. */
export interface StateEntry {
  /** The key in the bucket. */
  readonly key: string;
  /** The value; `undefined` if the key was deleted. */
  readonly data: Uint8Array | undefined;
  /** When the server stored it, in ms since 1970. */
  readonly time: number;
}

/** Latest word of a witness about a target. */
export interface Witness {
  readonly agent: string;
  readonly zone: string;
  readonly word: Word;
}

/** A word, and the message that has it. */
interface Spoken {
  readonly agent: string;
  readonly word: Word;
  readonly slice: WordSlice;
}

/** Leases and words of all agents. */
export class FleetState {
  readonly #presence = new Presence();
  /** The last message of each slice, by agent. */
  readonly #slices = new Map<string, Map<number, WordSlice>>();
  /** The words about each target, one per agent, also those that do not count. */
  readonly #words = new Map<string, readonly Spoken[]>();
  #options = resolveVote({});
  #malformed = 0;

  /** The agents that are present. */
  get agents(): ReadonlyMap<string, PresentAgent> {
    return this.#presence.agents;
  }

  /** The stream's clock, in ms since 1970; 0 before the first message. */
  get clock(): number {
    return this.#presence.clock;
  }

  /** The number of messages that were ignored, because they are not of the protocol. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Sets how votes become a verdict. All verdicts may change. */
  setVote(options: VoteOptions): void {
    this.#options = resolveVote(options);
  }

  /**
   * Advances the stream's clock without a message: to a time that the server gives otherwise.
   *
   * @param time The time, in ms since 1970.
   * @returns The ids of the targets whose votes may have changed.
   */
  advance(time: number): Set<string> {
    const changed = new Set<string>();
    for (const { name } of this.#presence.advance(time)) this.#addTargets(name, changed);
    return changed;
  }

  /**
   * Applies a message.
   *
   * @param entry The message.
   * @returns The ids of the targets whose votes may have changed.
   */
  apply({ key, data, time }: StateEntry): Set<string> {
    const changed = this.advance(time);
    const parsed = parseStateKey(key);
    if (parsed === undefined) this.#malformed++;
    else if (parsed.kind === "agent") this.#renew(parsed.name, data, time, changed);
    else if (parsed.kind === "words") this.#hear(parsed.name, parsed.slice, data, changed);
    return changed;
  }

  /** The witnesses of a target that are present and have a word about it, by name. */
  witnesses(id: string): Witness[] {
    return (this.#words.get(id) ?? []).flatMap(({ agent, word, slice: { boot, epoch } }): Witness[] => {
      const lease = this.agents.get(agent)?.lease;
      return lease?.boot === boot && lease.epoch === epoch ? [{ agent, zone: lease.zone, word }] : [];
    });
  }

  /** The verdict about a target. */
  verdict(id: string): FleetVerdict {
    const votes = this.witnesses(id).flatMap(({ agent, zone, word: [, state] }): Vote[] =>
      state === "unknown" ? [] : [{ agent, zone, state }]
    );
    return judge(votes, this.#options);
  }

  #renew(name: string, data: Uint8Array | undefined, time: number, changed: Set<string>): void {
    const lease = data === undefined ? undefined : parseAgentLease(data);
    if (lease instanceof Malformed) {
      this.#malformed++;
      return;
    }
    const before = this.#presence.renew(name, lease, time)?.lease;
    const after = this.agents.get(name)?.lease;
    const isSame = before?.boot === after?.boot && before?.epoch === after?.epoch && before?.zone === after?.zone;
    if (!isSame) this.#addTargets(name, changed);
  }

  #hear(agent: string, index: number, data: Uint8Array | undefined, changed: Set<string>): void {
    const slice = data === undefined ? undefined : parseWordSlice(data);
    if (slice instanceof Malformed) {
      this.#malformed++;
      return;
    }
    const slices = this.#slices.getOrInsertComputed(agent, () => new Map());
    for (const [id] of slices.get(index)?.words ?? []) {
      this.#set(id, agent, undefined);
      changed.add(id);
    }
    if (slice === undefined || slice.words.length === 0) slices.delete(index);
    else slices.set(index, slice);
    for (const word of slice?.words ?? []) {
      this.#set(word[0], agent, { agent, word, slice: slice! });
      changed.add(word[0]);
    }
  }

  /** Replaces the word of one agent about a target. They stay in order of the agents' names. */
  #set(id: string, agent: string, spoken: Spoken | undefined): void {
    const others = (this.#words.get(id) ?? []).filter((spoken) => spoken.agent !== agent);
    if (spoken !== undefined) others.push(spoken);
    if (others.length === 0) this.#words.delete(id);
    else this.#words.set(id, others.sort((a, b) => a.agent < b.agent ? -1 : 1));
  }

  #addTargets(agent: string, changed: Set<string>): void {
    for (const { words } of this.#slices.get(agent)?.values() ?? []) {
      for (const [id] of words) changed.add(id);
    }
  }
}

/**
 * State of the fleet: leases and reports, from the messages of the state in the order of the stream. All readers of the
 * same messages compute the same verdicts.
 */

import { Malformed } from "../protocol/malformed.ts";
import { parseAgentLease } from "../protocol/lease.ts";
import { parseStateKey } from "../protocol/subjects.ts";
import { parseReportBatch, type ReportBatch, type TargetReport } from "../protocol/target_reports.ts";
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

/** Latest report of a witness about a target. */
export interface Witness {
  readonly agent: string;
  readonly zone: string;
  readonly report: TargetReport;
}

/** A report, and the message that has it. */
interface ReceivedReport {
  readonly agent: string;
  readonly report: TargetReport;
  readonly batch: ReportBatch;
}

/** Leases and reports of all agents. */
export class FleetState {
  readonly #presence = new Presence();
  /** The last message of each slice, by agent. */
  readonly #batches = new Map<string, Map<number, ReportBatch>>();
  /** The reports about each target, one per agent, also those that do not count. */
  readonly #reports = new Map<string, readonly ReceivedReport[]>();
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
    else if (parsed.kind === "reports") this.#replaceReports(parsed.name, parsed.slice, data, changed);
    return changed;
  }

  /** The witnesses of a target that are present and have a report about it, by name. */
  witnesses(id: string): Witness[] {
    return (this.#reports.get(id) ?? []).flatMap(({ agent, report, batch: { boot, epoch } }): Witness[] => {
      const lease = this.agents.get(agent)?.lease;
      return lease?.boot === boot && lease.epoch === epoch ? [{ agent, zone: lease.zone, report }] : [];
    });
  }

  /** The verdict about a target. */
  verdict(id: string): FleetVerdict {
    const votes = this.witnesses(id).flatMap(({ agent, zone, report: [, state] }): Vote[] =>
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

  #replaceReports(agent: string, slice: number, data: Uint8Array | undefined, changed: Set<string>): void {
    const batch = data === undefined ? undefined : parseReportBatch(data);
    if (batch instanceof Malformed) {
      this.#malformed++;
      return;
    }
    const batches = this.#batches.getOrInsertComputed(agent, () => new Map());
    for (const [id] of batches.get(slice)?.reports ?? []) {
      this.#set(id, agent, undefined);
      changed.add(id);
    }
    if (batch === undefined || batch.reports.length === 0) batches.delete(slice);
    else batches.set(slice, batch);
    for (const report of batch?.reports ?? []) {
      this.#set(report[0], agent, { agent, report, batch: batch! });
      changed.add(report[0]);
    }
  }

  /** Replaces the report of one agent about a target. They stay in order of the agents' names. */
  #set(id: string, agent: string, received: ReceivedReport | undefined): void {
    const others = (this.#reports.get(id) ?? []).filter((received) => received.agent !== agent);
    if (received !== undefined) others.push(received);
    if (others.length === 0) this.#reports.delete(id);
    else this.#reports.set(id, others.sort((a, b) => a.agent < b.agent ? -1 : 1));
  }

  #addTargets(agent: string, changed: Set<string>): void {
    for (const { reports } of this.#batches.get(agent)?.values() ?? []) {
      for (const [id] of reports) changed.add(id);
    }
  }
}

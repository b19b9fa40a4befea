/**
 * State of the fleet: leases and reports, from the messages of the state bucket in the order of the stream. All readers
 * of the same messages compute the same verdicts.
 */

import { shardOf, sliceOf } from "../assignment/shards.ts";
import { Malformed } from "../protocol/malformed.ts";
import { parseAgentLease } from "../protocol/lease.ts";
import { parseStateKey } from "../protocol/subjects.ts";
import { parseReportBatch, type TargetReport } from "../protocol/target_reports.ts";
import { Presence, type PresentAgent } from "./presence.ts";
import { type FleetVerdict, judge, resolveVote, type Vote } from "./verdict.ts";
import type { VoteOptions } from "../vote_options.ts";

/** A message of the state bucket. */
export interface StateEntry {
  /** The key in the bucket. */
  readonly key: string;
  /** The value; `undefined` if the key was deleted. */
  readonly data: Uint8Array | undefined;
  /** When the server stored it, in ms since 1970. */
  readonly time: number;
  /**
   * The number of unread messages. If there are any, no lease expires.
   *
   * @default {0}
   */
  readonly pending?: number;
}

/** Latest report of a witness on a target. */
export interface Witness {
  readonly agent: string;
  readonly zone: string;
  readonly report: TargetReport;
}

/** Incarnation of an agent: its process, and the epoch of its lease. Only reports of the lease's incarnation count. */
interface Incarnation {
  readonly boot: string;
  readonly epoch: number;
}

/** A report, and the incarnation in which the agent made it. */
interface ReceivedReport {
  readonly agent: string;
  readonly report: TargetReport;
  readonly incarnation: Incarnation;
}

/** Reports in an agent's last message of a slice, by id. */
type ReceivedBatch = ReadonlyMap<string, ReceivedReport>;

const EMPTY: ReceivedBatch = new Map();

/** Leases and reports of all agents. */
export class FleetState {
  readonly #presence = new Presence();
  /** The last message of each slice, by agent. */
  readonly #batches = new Map<string, Map<number, ReceivedBatch>>();
  /** The reports on each target, one per agent, including reports that do not count. */
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

  /** Number of malformed messages, which were ignored. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Sets the options of the vote. All verdicts may change. */
  setVote(options: VoteOptions): void {
    this.#options = resolveVote(options);
  }

  /**
   * Advances the stream's clock without a message, to a time from the server.
   *
   * @param time The time, in ms since 1970.
   * @param isNewest Whether all messages were read. If not, no lease expires.
   * @returns The ids of the targets whose votes may have changed.
   */
  advance(time: number, isNewest = true): Set<string> {
    const changed = new Set<string>();
    for (const { name } of this.#presence.advance(time, isNewest)) this.#addTargets(name, changed);
    return changed;
  }

  /**
   * Applies a message.
   *
   * @param entry The message.
   * @returns The ids of the targets whose votes may have changed.
   */
  apply({ key, data, time, pending = 0 }: StateEntry): Set<string> {
    const changed = this.advance(time, pending === 0);
    const parsed = parseStateKey(key);
    if (parsed === undefined) this.#malformed++;
    else if (parsed.kind === "agent") this.#renew(parsed.name, data, time, changed);
    else if (parsed.kind === "reports") this.#replaceReports(parsed.name, parsed.slice, data, changed);
    return changed;
  }

  /** Returns the present witnesses of a target with a report on it, by name. */
  witnesses(id: string): Witness[] {
    return (this.#reports.get(id) ?? []).flatMap(({ agent, report, incarnation: { boot, epoch } }): Witness[] => {
      const lease = this.agents.get(agent)?.lease;
      return lease?.boot === boot && lease.epoch === epoch ? [{ agent, zone: lease.zone, report }] : [];
    });
  }

  /** Returns the verdict on a target. */
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

  /**
   * Replaces the reports of a slice. An equal report is not a change, because a message repeats all reports of its
   * slice. A report on a target of another slice is ignored, because the result would depend on when a reader began.
   */
  #replaceReports(agent: string, slice: number, data: Uint8Array | undefined, changed: Set<string>): void {
    const batch = data === undefined ? undefined : parseReportBatch(data);
    if (batch instanceof Malformed) {
      this.#malformed++;
      return;
    }
    const batches = this.#batches.getOrInsertComputed(agent, () => new Map());
    const before = batches.get(slice) ?? EMPTY;
    const { boot, epoch, reports = [] } = batch ?? {};
    const after = new Map<string, ReceivedReport>();
    const incarnation = { boot, epoch } as Incarnation;
    for (const report of reports) {
      const [id] = report;
      const known = before.get(id);
      if (known !== undefined && isSame(known, { agent, report, incarnation })) after.set(id, known);
      else if (known !== undefined || sliceOf(shardOf(id)) === slice) after.set(id, { agent, report, incarnation });
    }
    for (const id of before.keys()) if (!after.has(id)) this.#set(id, agent, undefined, changed);
    for (const [id, received] of after) if (received !== before.get(id)) this.#set(id, agent, received, changed);
    if (after.size === 0) batches.delete(slice);
    else batches.set(slice, after);
  }

  /** Replaces the report of one agent on a target. Reports stay in the order of the agents' names. */
  #set(id: string, agent: string, received: ReceivedReport | undefined, changed: Set<string>): void {
    changed.add(id);
    const others = (this.#reports.get(id) ?? []).filter((received) => received.agent !== agent);
    if (received !== undefined) others.push(received);
    if (others.length === 0) this.#reports.delete(id);
    else this.#reports.set(id, others.sort((a, b) => a.agent < b.agent ? -1 : 1));
  }

  #addTargets(agent: string, changed: Set<string>): void {
    for (const batch of this.#batches.get(agent)?.values() ?? []) {
      for (const id of batch.keys()) changed.add(id);
    }
  }
}

function isSame(a: ReceivedReport, b: ReceivedReport): boolean {
  return a.incarnation.boot === b.incarnation.boot && a.incarnation.epoch === b.incarnation.epoch &&
    a.report.every((field, i) => field === b.report[i]);
}

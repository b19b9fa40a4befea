/** Reports of an agent on its targets, by slice, and the slices that have changed since they were published. */

import {
  type CheckResult,
  type Clock,
  type MonitorObserver,
  type PublishedEvent,
  SYSTEM_CLOCK,
  type TargetState,
} from "@tcp-shaker/monitor";
import { shardOf, sliceOf } from "../assignment/shards.ts";
import { encode } from "../protocol/codec.ts";
import { SLICES } from "../protocol/limits.ts";
import type { TargetReport } from "../protocol/target_reports.ts";
import { mayVote } from "../vote/may_vote.ts";
import type { AssignedTarget, Thresholds } from "./assigned_target.ts";
import { PublishQueue } from "./publish_queue.ts";

/** A target of the agent. */
interface Entry {
  thresholds: Thresholds;
  /** Number of checks that passed or failed in this epoch, up to the greater threshold. */
  results: number;
  sequence: number;
  reason: string | null;
  report: TargetReport;
}

/** Incarnation of an agent: its process, and the epoch of its lease. Reports count only within one incarnation. */
export interface Incarnation {
  readonly boot: string;
  readonly epoch: number;
}

/** Message with all reports of a slice. */
export interface EncodedBatch {
  readonly slice: number;
  readonly data: Uint8Array;
}

/** Observer of a monitor that keeps a report on each of its targets, by slice. */
export class TargetReports implements MonitorObserver {
  readonly #stateOf: (id: string) => TargetState | undefined;
  readonly #slices: readonly Map<string, Entry>[] = Array.from({ length: SLICES }, () => new Map());
  /** Ids of targets whose report may have changed. */
  readonly #touched = new Set<string>();
  /** Slices to publish. */
  readonly #queue: PublishQueue;

  /**
   * @param stateOf Returns the state of a target in the monitor.
   * @param clock Paces the messages.
   */
  constructor(stateOf: (id: string) => TargetState | undefined, clock: Clock = SYSTEM_CLOCK) {
    this.#stateOf = stateOf;
    this.#queue = new PublishQueue(clock);
  }

  /** Sets the targets, and deletes the reports on others. */
  setTargets(targets: readonly AssignedTarget[]): void {
    const ids = new Set(targets.map(({ target }) => target.id));
    this.#slices.forEach((slice, index) => {
      for (const id of slice.keys()) {
        if (ids.has(id)) continue;
        slice.delete(id);
        this.#queue.markChanged(index, "deferred");
      }
    });
    for (const { target: { id }, thresholds } of targets) {
      const slice = this.#sliceOf(id);
      const entry = slice.get(id);
      if (entry !== undefined) entry.thresholds = thresholds;
      else {
        const report: TargetReport = [id, "unknown", 0, 0, 0, null];
        slice.set(id, { thresholds, results: 0, sequence: 0, reason: null, report });
      }
    }
  }

  /** Sets the number of present agents, which determines the agent's rate limit. */
  setAgents(count: number): void {
    this.#queue.setAgents(count);
  }

  /** Begins an epoch: the agent votes on a target again after as many results as a change of state needs. */
  beginEpoch(): void {
    this.#slices.forEach((slice, index) => {
      if (slice.size > 0) this.#queue.markChanged(index, "deferred");
      for (const [id, entry] of slice) {
        entry.results = 0;
        this.#touched.add(id);
      }
    });
  }

  checked(id: string, outcome: Parameters<MonitorObserver["checked"]>[1]): void {
    if (outcome !== "pass" && outcome !== "fail") return;
    const entry = this.#sliceOf(id).get(id);
    if (entry === undefined || entry.results >= Math.max(entry.thresholds.rise, entry.thresholds.fall)) return;
    entry.results++;
    this.#touched.add(id);
  }

  published(event: PublishedEvent): void {
    if (event.type !== "transition" && event.type !== "maintenance") return;
    const entry = this.#sliceOf(event.id).get(event.id);
    if (entry === undefined) return;
    entry.sequence = event.sequence;
    entry.reason = event.type === "transition" && event.to === "down" ? reasonOf(event.result) : null;
    this.#touched.add(event.id);
  }

  /** Whether the agent votes on a target. */
  votes(id: string): boolean {
    if (this.#touched.has(id)) this.#refresh(id);
    return (this.#sliceOf(id).get(id)?.report[1] ?? "unknown") !== "unknown";
  }

  /**
   * Encodes slices that are due, and marks them as published. Call {@linkcode TargetReports.failed} for a slice that
   * could not be published.
   *
   * @param count The maximum number of slices.
   * @param incarnation The incarnation of the agent.
   * @returns One message per slice.
   */
  takeBatches(count: number, { boot, epoch }: Incarnation): EncodedBatch[] {
    for (const id of this.#touched) this.#refresh(id);
    this.#touched.clear();
    this.#queue.markStale();
    const batches: EncodedBatch[] = [];
    while (batches.length < count) {
      const slice = this.#queue.next();
      if (slice === undefined) break;
      const data = encode({ boot, epoch, reports: Array.from(this.#slices[slice].values(), ({ report }) => report) });
      this.#queue.markPublished(slice, data.length);
      batches.push({ slice, data });
    }
    return batches;
  }

  /** Queues a slice again that could not be published. */
  failed(slice: number): void {
    this.#queue.markChanged(slice, "prompt");
  }

  #refresh(id: string): void {
    const index = sliceOf(shardOf(id));
    const entry = this.#slices[index].get(id);
    const state = this.#stateOf(id);
    if (entry === undefined || state === undefined) return;
    const { results, thresholds, sequence } = entry;
    const reported = mayVote(state.state, results, thresholds) ? state.state : "unknown";
    const [, before, since] = entry.report;
    if (reported === before && state.since === since) return;
    entry.report = [id, reported, state.since, sequence, results, reported === "down" ? entry.reason : null];
    this.#queue.markChanged(index, reported === "down" || before === "down" ? "prompt" : "deferred");
  }

  #sliceOf(id: string): Map<string, Entry> {
    return this.#slices[sliceOf(shardOf(id))];
  }
}

/** Returns why a check failed. */
function reasonOf(result: CheckResult | undefined): string {
  return result?.status ?? "reports";
}

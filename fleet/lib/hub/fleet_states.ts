/** Fleet states: combines the list in force and the reports of all agents into one verdict per target, with events. */

import type { MonitorEvent, MonitorObserver, TargetState } from "@tcp-shaker/monitor";
import type { MonitorView } from "@tcp-shaker/monitor/agent";
import { EventStream, type GroupStormChange, SavedStates, Storms } from "@tcp-shaker/monitor/parts";
import type { ListedTarget } from "../list/target_line.ts";
import { Malformed } from "../protocol/malformed.ts";
import type { MinuteBatch } from "../protocol/minutes.ts";
import { type FleetChange, fleetChanges } from "../vote/changes.ts";
import { FleetState, type StateEntry } from "../vote/fleet_state.ts";
import type { VoteOptions } from "../vote_options.ts";
import { FleetTarget, reasonOf } from "./fleet_target.ts";

/** Default interval of checks, in ms. */
const INTERVAL = 2000;

/** The target list in force. */
export interface FleetList {
  readonly targets: readonly ListedTarget[];
  readonly vote: VoteOptions;
  /** Interval of targets without their own, in ms. */
  readonly interval?: number;
}

/** Options of {@linkcode FleetStates}. */
export interface FleetStatesOptions {
  /** States to restore from a history. */
  readonly saved?: Iterable<TargetState>;
  /** Called with each event before the readers of events. */
  readonly observers?: readonly MonitorObserver[];
  /** Called after the first read of the fleet's state, before any event. */
  readonly onBegin?: () => void;
}

/**
 * States and events of the fleet. All times are times of the stream's clock. A disconnected hub receives no messages,
 * so its clock does not advance, no lease expires, and no state changes.
 */
export class FleetStates implements MonitorView {
  readonly state = new FleetState();
  readonly #targets = new Map<string, FleetTarget>();
  readonly #events: EventStream;
  /** Saved states, until the first list. Later targets restore nothing. */
  readonly #saved: SavedStates;
  readonly #onBegin: () => void;
  readonly #storms = new Storms({});
  /** Targets whose votes have changed during a pause; `undefined` without a pause. */
  #pending: Set<string> | undefined = new Set();
  /** Whether there were verdicts before. First verdicts cause no events. */
  #hasVerdicts = false;
  /** Whether the verdicts of a pause are being computed. Their targets have changed state before. */
  #isResuming = false;
  /** The last batch of minutes of each agent. */
  readonly #minutes = new Map<string, { boot: string; sequence: number }>();
  #malformedMinutes = 0;

  /** @param options States to restore, and observers. */
  constructor({ saved = [], observers, onBegin = () => {} }: FleetStatesOptions = {}) {
    this.#saved = new SavedStates(saved);
    this.#events = new EventStream(observers);
    this.#onBegin = onBegin;
  }

  /** Number of targets in the list. */
  get size(): number {
    return this.#targets.size;
  }

  /** Number of targets whose witnesses disagree. */
  get disagreements(): number {
    let count = 0;
    for (const { verdict } of this.#targets.values()) if (verdict.dissent !== undefined) count++;
    return count;
  }

  get(id: string): TargetState | undefined {
    return this.#targets.get(id)?.snapshot(this.state.witnesses(id), this.state.clock);
  }

  *states(): Generator<TargetState, void> {
    for (const [id, target] of this.#targets) yield target.snapshot(this.state.witnesses(id), this.state.clock);
  }

  events(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<MonitorEvent> {
    return this.#events.open(options);
  }

  /**
   * Delays verdicts until {@linkcode FleetStates.resume}, so that stored messages cause no events. The time until then,
   * and since the last message, does not count as downtime.
   */
  pause(): void {
    for (const target of this.#targets.values()) target.pause(this.state.clock);
    this.#pending ??= new Set();
  }

  /**
   * Computes the delayed verdicts. First verdicts cause no events, unless a target's saved state differs, because its
   * state has changed while no hub ran.
   */
  resume(): void {
    const ids = this.#pending ?? new Set();
    for (const target of this.#targets.values()) target.resume(this.state.clock);
    this.#pending = undefined;
    this.#isResuming = true;
    if (!this.#hasVerdicts) this.#begin(ids);
    for (const id of ids) this.#judge(id);
    this.#isResuming = false;
  }

  #begin(ids: Iterable<string>): void {
    for (const id of ids) if (this.#targets.get(id)?.isRestored === false) this.#judge(id);
    this.#hasVerdicts = true;
    this.#onBegin();
  }

  /** Applies a message of the state. */
  apply(entry: StateEntry): void {
    const changed = this.state.apply(entry);
    for (const id of changed) {
      if (this.#pending === undefined) this.#judge(id);
      else this.#pending.add(id);
    }
    if (this.#pending === undefined) this.#publishStorms(this.#storms.expire(this.state.clock));
  }

  /** Applies a list: removes missing targets, then adds new ones. */
  setList({ targets, vote, interval = INTERVAL }: FleetList): void {
    const ids = new Set(targets.map(({ id }) => id));
    for (const [id, target] of this.#targets) if (!ids.has(id)) this.#remove(target);
    this.state.setVote(vote);
    for (const listed of targets) {
      const known = this.#targets.get(listed.id);
      if (known !== undefined && known.listed.target !== listed.target) this.#remove(known);
      const target = this.#targets.get(listed.id);
      if (target === undefined) this.#add(listed, interval);
      else this.#update(target, listed, interval);
    }
    this.#saved.clear();
    for (const { id } of targets) {
      if (this.#pending === undefined) this.#judge(id);
      else this.#pending.add(id);
    }
  }

  /** Number of malformed messages, which were ignored. */
  get malformed(): number {
    return this.state.malformed + this.#malformedMinutes;
  }

  /**
   * Counts the checks of a batch.
   *
   * @returns The batch; `undefined` if it is malformed or a duplicate.
   */
  addMinutes(agent: string, batch: MinuteBatch | Malformed): MinuteBatch | undefined {
    if (batch instanceof Malformed) {
      this.#malformedMinutes++;
      return undefined;
    }
    const { boot, sequence, rows } = batch;
    const last = this.#minutes.get(agent);
    if (last?.boot === boot && sequence <= last.sequence) return undefined;
    this.#minutes.set(agent, { boot, sequence });
    for (const row of rows) this.#targets.get(row[0])?.count(row);
    return batch;
  }

  /** Ends all readers of events. */
  end(): void {
    this.#events.end();
  }

  #add(listed: ListedTarget, interval: number): void {
    const target = new FleetTarget(listed, interval, this.state.clock);
    const saved = this.#saved.take(listed.id);
    // A target with a new address is a new target.
    if (saved?.target === listed.target) target.restore(saved);
    if (this.#pending === undefined) target.resume(this.state.clock);
    this.#targets.set(listed.id, target);
    this.#storms.add(target);
    this.#publishMembership("added", target);
  }

  #update(target: FleetTarget, listed: ListedTarget, interval: number): void {
    const isOtherGroup = (listed.group ?? "") !== target.settings.group;
    if (isOtherGroup) this.#publishStorms(this.#storms.remove(target, this.state.clock));
    target.update(listed, interval);
    if (isOtherGroup) this.#storms.add(target);
    else this.#storms.raiseInterval(target);
  }

  #remove(target: FleetTarget): void {
    this.#targets.delete(target.listed.id);
    this.#publishMembership("removed", target);
    this.#publishStorms(this.#storms.remove(target, this.state.clock));
  }

  #publishMembership(type: "added" | "removed", target: FleetTarget): void {
    if (this.#hasVerdicts) this.#events.publish({ type, ...identity(target), at: this.state.clock });
  }

  /** Computes the verdict on a target, and publishes the changes. */
  #judge(id: string): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    const [before, wasKnown] = [target.verdict, target.isKnown];
    target.verdict = this.state.verdict(id);
    this.#storms.count(target, wasKnown);
    const changes = fleetChanges(before, target.verdict);
    for (const change of changes) this.#publish(change, target);
    target.isRestored = false;
  }

  #publish(change: FleetChange, target: FleetTarget): void {
    const isFirst = !this.#hasVerdicts || target.isRestored;
    const earliest = this.#hasVerdicts ? target.since : 0;
    const at = this.#isResuming || isFirst ? Math.max(earliest, this.#sinceOf(target)) : this.state.clock;
    if (change.type === "disagreement") {
      if (isFirst) return;
      const dissent = change.active ? change.dissent : {};
      return this.#events.publish({ type: change.type, active: change.active, ...dissent, ...identity(target), at });
    }
    const { type, from, to, agree, present } = change;
    const duration = target.changeState(from, to, at);
    if (!this.#hasVerdicts) return;
    const reason = to === "down" ? reasonOf(this.state.witnesses(target.listed.id)) : undefined;
    this.#events.publish({
      type,
      ...identity(target),
      at,
      from,
      to,
      ...reason !== undefined && { reason },
      count: agree,
      of: present,
      duration,
      initial: from === "unknown",
    });
    if (from !== "unknown" && to !== "unknown") {
      this.#publishStorms(this.#storms.transition(target, to, this.state.clock));
    }
  }

  /**
   * Returns the start of the verdict: the latest `since` of the agreeing witnesses, but not in the future. "Unknown" starts
   * now, because a witness without a vote reports since when its own monitor has had another state.
   */
  #sinceOf({ listed: { id }, verdict: { state } }: FleetTarget): number {
    if (state === "unknown") return this.state.clock;
    const agreeing = this.state.witnesses(id).filter(({ report }) => report[1] === state);
    return Math.min(this.state.clock, Math.max(0, ...agreeing.map(({ report }) => report[2])) || this.state.clock);
  }

  #publishStorms(changes: readonly GroupStormChange[]): void {
    for (const change of changes) this.#events.publish({ ...change, at: this.state.clock });
  }
}

function identity({ listed: { id, target, labels = {} }, settings: { group } }: FleetTarget) {
  return { id, target, group, labels };
}

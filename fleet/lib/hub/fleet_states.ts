/** States and events of the fleet: the list in force and the reports of all agents, as one view with a verdict per target. */

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

/** How often a target is checked by default, in ms. */
const INTERVAL = 2000;

/** A list in force. */
export interface FleetList {
  readonly targets: readonly ListedTarget[];
  readonly vote: VoteOptions;
  /** How often a target is checked unless it says otherwise, in ms. */
  readonly interval?: number;
}

/** Options of {@linkcode FleetStates}. */
export interface FleetStatesOptions {
  /** States that a history has saved. */
  readonly saved?: Iterable<TargetState>;
  /** What takes each event before the readers do. */
  readonly observers?: readonly MonitorObserver[];
  /** Called when the fleet's state was read first, before any event. */
  readonly onBegin?: () => void;
}

/**
 * States and events of the fleet. All times are the stream's: a hub that is cut off from the servers gets no message, so
 * its clock stands still, no lease ends, and no state changes.
 */
export class FleetStates implements MonitorView {
  readonly state = new FleetState();
  readonly #targets = new Map<string, FleetTarget>();
  readonly #events: EventStream;
  /** Saved states, until the first list is known: a target that comes later restores nothing. */
  readonly #saved: SavedStates;
  readonly #onBegin: () => void;
  readonly #storms = new Storms({});
  /** Targets whose votes changed since the last verdict; `undefined` while verdicts are given at once. */
  #pending: Set<string> | undefined = new Set();
  /** Whether there were verdicts before: the first ones are no events. */
  #hasVerdicts = false;
  /** The last batch of minutes of each agent. */
  readonly #minutes = new Map<string, { boot: string; sequence: number }>();
  #malformedMinutes = 0;

  /** @param options What it restores, and who observes it. */
  constructor({ saved = [], observers, onBegin = () => {} }: FleetStatesOptions = {}) {
    this.#saved = new SavedStates(saved);
    this.#events = new EventStream(observers);
    this.#onBegin = onBegin;
  }

  /** How many targets the list has. */
  get size(): number {
    return this.#targets.size;
  }

  /** How many targets there are about which witnesses disagree. */
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
    return this.#events.open(options.signal);
  }

  /** Holds verdicts back until {@linkcode FleetStates.resume}: what is read of a stream's past is no news. */
  pause(): void {
    this.#pending ??= new Set();
  }

  /**
   * Gives the verdicts that were held back. The first ones are no events, except for a target whose saved state is
   * another one: it has turned while no hub ran.
   */
  resume(): void {
    const ids = this.#pending ?? new Set();
    this.#pending = undefined;
    if (!this.#hasVerdicts) this.#begin(ids);
    for (const id of ids) this.#judge(id);
  }

  #begin(ids: Iterable<string>): void {
    for (const target of this.#targets.values()) target.begin(this.state.clock);
    for (const id of ids) if (this.#targets.get(id)?.isRestored === false) this.#judge(id);
    this.#hasVerdicts = true;
    this.#onBegin();
  }

  /** Takes a message of the state. */
  apply(entry: StateEntry): void {
    const changed = this.state.apply(entry);
    for (const id of changed) {
      if (this.#pending === undefined) this.#judge(id);
      else this.#pending.add(id);
    }
    if (this.#pending === undefined) this.#publishStorms(this.#storms.expire(this.state.clock));
  }

  /** Takes a list: targets that it lacks are removed, and then new ones are added. */
  setList({ targets, vote, interval = INTERVAL }: FleetList): void {
    const ids = new Set(targets.map(({ id }) => id));
    for (const [id, target] of this.#targets) if (!ids.has(id)) this.#remove(target);
    this.state.setVote(vote);
    for (const listed of targets) {
      const known = this.#targets.get(listed.id);
      if (known !== undefined && known.listed.target !== listed.target) this.#remove(known);
      const target = this.#targets.get(listed.id);
      if (target === undefined) this.#add(listed, interval);
      else this.#relist(target, listed, interval);
    }
    this.#saved.clear();
    for (const { id } of targets) {
      if (this.#pending === undefined) this.#judge(id);
      else this.#pending.add(id);
    }
  }

  /** The number of messages that were ignored, because they are not of the protocol. */
  get malformed(): number {
    return this.state.malformed + this.#malformedMinutes;
  }

  /**
   * Counts the checks of a batch.
   *
   * @returns The batch; `undefined` if it is malformed, or came before.
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
    // Another address is another target.
    if (saved?.target === listed.target) target.restore(saved, this.state.clock);
    this.#targets.set(listed.id, target);
    this.#storms.add(target);
    this.#publishMembership("added", target);
  }

  #relist(target: FleetTarget, listed: ListedTarget, interval: number): void {
    const isOtherGroup = (listed.group ?? "") !== target.settings.group;
    if (isOtherGroup) this.#publishStorms(this.#storms.remove(target, this.state.clock));
    target.relist(listed, interval);
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

  /** Gives the verdict about a target, and publishes what has changed. */
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
    const isPast = !this.#hasVerdicts || target.isRestored;
    const at = isPast ? Math.max(target.isRestored ? target.since : 0, this.#sinceOf(target)) : this.state.clock;
    if (change.type === "disagreement") {
      if (isPast) return;
      const dissent = change.active ? change.dissent : {};
      return this.#events.publish({ type: change.type, active: change.active, ...dissent, ...identity(target), at });
    }
    const { type, from, to, agree, present } = change;
    const duration = target.turn(from, to, at);
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
    if (from !== "unknown" && to !== "unknown") this.#publishStorms(this.#storms.transition(target, to, at));
  }

  /** When the witnesses came to say what the verdict is, by their clocks: the latest, but not in the future. */
  #sinceOf({ listed: { id }, verdict: { state } }: FleetTarget): number {
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

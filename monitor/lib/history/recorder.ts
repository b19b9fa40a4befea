/** Recorder: observes a monitor on its thread, counts checks and times, and sends batches to the writer. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Outcome } from "../classify.ts";
import type { Clock } from "../clock.ts";
import type { PublishedEvent } from "../event.ts";
import { eventJson } from "../event_json.ts";
import type { MonitorObserver } from "../observer.ts";
import type { StateSource } from "../state_source.ts";
import { runInTimeSlices } from "../time_slices.ts";
import type { Maintenance } from "../target_state.ts";
import { type Batch, type EventRow, MINUTE_FIELDS, STATE_FIELDS, STATES } from "./batch.ts";
import type { CountedResults } from "./counted_results.ts";
import { CountedRows } from "./counted_rows.ts";
import { MinuteCounters } from "./minute_counters.ts";
import { NumberRows } from "./number_rows.ts";
import { type Slot, Slots } from "./slots.ts";

const MINUTE = 60_000;
/** Maximum delay of an event, in ms, so that events are written in batches. */
const EVENT_WAIT = 1000;
/** Initial capacity of the counters, in slots. */
const FIRST_SIZE = 64;

/** Counters of a minute that has ended. */
interface ClosedMinute {
  readonly counters: MinuteCounters;
  /** The wall clock at its start, in ms since 1970. */
  readonly from: number;
  /** The monotonic clock at its end. */
  readonly end: number;
  /** Slots of targets that were removed during the minute. */
  readonly leaving: readonly Slot[];
}

/** Records the checks and events of a monitor. */
export class Recorder implements MonitorObserver {
  readonly #clock: Clock;
  readonly #onBatch: (batch: Batch) => void;
  readonly #slots = new Slots();
  #states: StateSource | undefined;
  #counters = new MinuteCounters(FIRST_SIZE);
  /** The wall clock and the monotonic clock at the start of the minute. */
  #minuteFrom = 0;
  #minuteStart = 0;
  /** The previous minute, while its rows are collected. */
  #closed: ClosedMinute | undefined;
  #events: EventRow[] = [];
  /** Targets with events since the last batch. */
  #changed = new Set<string>();
  readonly #counted = new CountedRows();
  #removed: number[] = [];
  #leaving: Slot[] = [];
  #cancelMinute = () => {};
  #cancelEvents: (() => void) | undefined;
  /** Whether the time in states is not counted, because the states are unknown. */
  #isPaused = false;
  /** Serializes the creation of batches. */
  #making: Promise<void> = Promise.resolve();

  /**
   * Creates a recorder, which is idle until {@linkcode Recorder.begin}.
   *
   * @param clock The monitor's clock.
   * @param onBatch Called with each batch.
   */
  constructor(clock: Clock, onBatch: (batch: Batch) => void) {
    this.#clock = clock;
    this.#onBatch = onBatch;
  }

  /**
   * Starts recording. Call it right after the start of the monitor, before its first event.
   *
   * @param states The states of the targets.
   * @param isComplete Whether these are all targets, so that the stored states of others are deleted.
   */
  begin(states: StateSource, isComplete: boolean): void {
    const now = this.#clock.now();
    this.#states = states;
    for (const { id, target, state } of states.states()) this.#slots.add(id, target, state, now);
    this.#beginMinute(now);
    this.#arm();
    this.#make(() => this.#makeBatch({ ids: this.#slots.ids(), isComplete }));
  }

  /** Deletes the stored states of targets that the monitor doesn't have. Called when all targets are known. */
  complete(): void {
    this.#make(() => this.#makeBatch({ ids: this.#slots.ids(), isComplete: true }));
  }

  /** Counts a check. */
  checked(id: string, outcome: Outcome, _now: number, result: CheckResult | undefined): void {
    const slot = this.#slots.get(id);
    if (slot !== undefined) this.#counters.count(slot.slot, outcome, result);
  }

  /** Queues an event. */
  published(event: PublishedEvent): void {
    if (this.#states === undefined) return;
    const slot = this.#follow(event);
    this.#events.push({ sequence: event.sequence, at: event.at, slot, json: eventJson(event) });
    this.#makeSoon();
  }

  /** Adds counted results. Targets that the monitor doesn't have are ignored. */
  addResults(results: CountedResults): void {
    if (this.#states === undefined) return;
    this.#counted.add(results, (id) => this.#slots.get(id)?.slot);
    if (this.#counted.isFull) this.#makeNow();
    else this.#makeSoon();
  }

  /** Pauses or resumes the counting of time in states. Events and results are always recorded. */
  setPaused(isPaused: boolean): void {
    const now = this.#clock.now();
    for (const id of this.#slots.ids()) this.#countTime(this.#slots.get(id)!, now);
    this.#isPaused = isPaused;
  }

  /** Waits for the batches in progress. */
  async settled(): Promise<void> {
    await this.#making;
  }

  /** Ends the recording with a last batch. */
  async end(): Promise<void> {
    if (this.#states === undefined) return;
    this.#cancelMinute();
    this.#cancelEvents?.();
    this.#make(() => this.#closeMinute(true));
    await this.#making;
  }

  /** Applies an event to the state of its target, and returns the target's slot. */
  #follow(event: PublishedEvent): number | undefined {
    if (!("id" in event)) return undefined;
    const { id } = event;
    if (event.type === "added") this.#add(id, event.target);
    const slot = this.#slots.get(id)!;
    this.#changed.add(id);
    if (event.type === "transition" || event.type === "maintenance") {
      this.#countTime(slot, this.#clock.now());
      slot.state = event.to;
    } else if (event.type === "removed") this.#remove(id, slot);
    return slot.slot;
  }

  #add(id: string, target: string): void {
    this.#slots.add(id, target, this.#states!.get(id)!.state, this.#clock.now());
    if (this.#slots.size > this.#counters.size) {
      this.#counters = new MinuteCounters(2 * this.#slots.size, this.#counters);
    }
  }

  #remove(id: string, slot: Slot): void {
    this.#countTime(slot, this.#clock.now());
    this.#slots.delete(id);
    this.#changed.delete(id);
    this.#removed.push(slot.slot);
    this.#leaving.push(slot);
  }

  /**
   * Adds the time since the last call to the slot's state, in this minute and in the previous one if it is still open.
   * Does not count time while the recorder is paused.
   */
  #countTime(slot: Slot, now: number): void {
    if (!this.#isPaused) {
      const start = Math.min(now, this.#minuteStart);
      if (slot.countedTo < start) this.#closed?.counters.addTime(slot.slot, slot.state, start - slot.countedTo);
      this.#counters.addTime(slot.slot, slot.state, now - Math.max(slot.countedTo, start));
    }
    slot.countedTo = now;
  }

  #beginMinute(now: number): void {
    this.#counters = new MinuteCounters(Math.max(this.#counters.size, this.#slots.size));
    this.#minuteFrom = this.#clock.date();
    this.#minuteStart = now;
  }

  /** Sets the timer for the next minute of the wall clock. */
  #arm(): void {
    const left = MINUTE - this.#clock.date() % MINUTE;
    this.#cancelMinute = this.#clock.at(this.#clock.now() + left, () => {
      this.#make(() => this.#closeMinute(false));
      this.#arm();
    });
  }

  /** Schedules a batch in a second, which collects all events until then. */
  #makeSoon(): void {
    this.#cancelEvents ??= this.#clock.at(this.#clock.now() + EVENT_WAIT, () => this.#makeNow());
  }

  #makeNow(): void {
    this.#cancelEvents?.();
    this.#cancelEvents = undefined;
    this.#make(() => this.#makeBatch({ ids: [...this.#changed] }));
  }

  #make(make: () => Promise<void>): void {
    this.#making = this.#making.then(make);
  }

  /** Starts a new minute, and creates a batch with the rows of the previous one. */
  async #closeMinute(isLast: boolean): Promise<void> {
    const end = this.#clock.now();
    const closed = this.#closed = {
      counters: this.#counters,
      from: this.#minuteFrom,
      end,
      leaving: this.#leaving,
    };
    this.#leaving = [];
    this.#beginMinute(end);
    await this.#makeBatch({ ids: this.#slots.ids(), closed, isLast });
    this.#closed = undefined;
    this.#slots.free(closed.leaving.map(({ slot }) => slot));
  }

  /** Creates a batch of everything since the last one, in time slices, so that it delays no check. */
  async #makeBatch(
    { ids, closed, isComplete = false, isLast = false }: {
      ids: readonly string[];
      closed?: ClosedMinute;
      isComplete?: boolean;
      isLast?: boolean;
    },
  ): Promise<void> {
    const [events, removed, counted] = [this.#events, this.#removed, this.#counted.take()];
    this.#events = [];
    this.#removed = [];
    this.#changed = new Set();
    const rows = new NumberRows(closed === undefined ? 0 : (ids.length + closed.leaving.length) * MINUTE_FIELDS);
    if (closed !== undefined) await runInTimeSlices(this.#gatherMinute(closed, ids, rows));
    const states = new NumberRows(ids.length * STATE_FIELDS);
    const maintenances: [number, Maintenance][] = [];
    await runInTimeSlices(this.#gatherStates(ids, states, maintenances));
    this.#onBatch({
      at: this.#clock.date(),
      names: this.#slots.takeNames(),
      events,
      states: states.numbers(),
      maintenances,
      removed,
      isComplete,
      isLast,
      ...closed && { minutes: { from: closed.from, rows: rows.numbers() } },
      ...counted,
    });
  }

  *#gatherMinute({ counters, end, leaving }: ClosedMinute, ids: readonly string[], rows: NumberRows) {
    for (const id of ids) {
      const slot = this.#slots.get(id);
      // The target may have been removed, and added again with another slot.
      if (slot === undefined || slot.slot >= counters.size) continue;
      if (slot.countedTo < end) this.#countTime(slot, end);
      rows.add(counters.row(slot.slot));
      yield;
    }
    for (const { slot } of leaving) {
      rows.add(counters.row(slot));
      yield;
    }
  }

  *#gatherStates(ids: readonly string[], rows: NumberRows, maintenances: [number, Maintenance][]) {
    for (const id of ids) {
      const slot = this.#slots.get(id)?.slot;
      const found = this.#states!.get(id);
      if (slot === undefined || found === undefined) continue;
      const { state, since, checks, failures, neutral, reports, transitions, rttSum = 0, downtime, maintenance } =
        found;
      const counters = [checks, failures, neutral, reports, transitions, rttSum, downtime];
      rows.add([slot, STATES.indexOf(state), Math.round(since), ...counters]);
      if (maintenance !== undefined) maintenances.push([slot, maintenance]);
      yield;
    }
  }
}

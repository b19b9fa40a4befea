/** The monitor: the schedule says when, the checker checks, the verdict judges, and events tell what has changed. */

import { CheckerNotRunningError, type CheckResult } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { classify, type Outcome } from "./classify.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { Entry, type Maintenance, type TargetState } from "./entry.ts";
import type { MonitorEvent, PublishedEvent, TargetEventBase } from "./event.ts";
import { EventStream } from "./event_stream.ts";
import { Lateness, type LatenessSummary } from "./lateness.ts";
import { type MonitorOptions, type ResolvedMonitorOptions, resolveMonitorOptions } from "./options.ts";
import { judgeOverload, NO_OVERLOAD, type OverloadState } from "./overload.ts";
import { Schedule, type Slot } from "./schedule.ts";
import { pace } from "./state.ts";
import { Storms } from "./storms.ts";
import { type Prober, SupervisedChecker } from "./supervised_checker.ts";
import { InvalidTargetsError, type MonitorTarget, type TargetSettings } from "./target.ts";
import { judgeTrouble, NO_TROUBLE, type TroubleOptions, type TroubleState } from "./trouble.ts";
import { type Change, judge, type Observation } from "./verdict.ts";

/** What a monitor stands on. Tests, and agents that check by other means, bring their own. */
export interface MonitorParts {
  /** The time. */
  readonly clock?: Clock;
  /** What makes the checks. It is disposed of with the monitor. */
  readonly prober?: Prober;
}

/** What a monitor has done so far. */
export interface MonitorStatistics {
  /** Checks that have ended. */
  readonly checks: number;
  /** Slots of the schedule that passed without a check. */
  readonly skipped: number;
  /** Checks that have begun, and how late, in ms. */
  readonly lateness: LatenessSummary;
  /** Events that were dropped because a reader was slow. */
  readonly dropped: number;
}

/** How often storms, trouble, overload and the end of maintenance are looked for, in ms. */
const LOOK_INTERVAL = 1000;
/** In so many looks every target is looked at, to see whether its state is stale. */
const STALE_LOOKS = 8;
/** The least time between two batches of checks, in ms: a timer and a batch cost more than a check. */
const TICK_INTERVAL = 5;

/**
 * Monitors TCP ports: checks each target again and again, and gives one verdict a target.
 *
 * @example
 * ```ts ignore
 * import { Monitor } from "@tcp-shaker/monitor";
 *
 * await using monitor = await Monitor.start(["192.0.2.1:5432"], { interval: 2000, rise: 2, fall: 3 });
 * for await (const event of monitor.events()) {
 *   if (event.type === "transition") console.log(event.id, event.from, "->", event.to);
 * }
 * ```
 */
export class Monitor implements AsyncDisposable {
  readonly #options: ResolvedMonitorOptions;
  readonly #clock: Clock;
  readonly #prober: Prober;
  readonly #entries = new Map<string, Entry>();
  readonly #inMaintenance = new Set<Entry>();
  readonly #schedule: Schedule<Entry>;
  readonly #storms: Storms;
  readonly #stream = new EventStream();
  readonly #onAbort = () => void this[Symbol.asyncDispose]();
  /** The targets that {@linkcode Monitor.#forgetStale} has still to look at. */
  #sweep: Iterator<Entry, void> = this.#entries.values();
  /** Results since trouble was looked for: all, and the neutral ones by reason. */
  #recent = { all: 0, neutral: new Map<string, number>() };
  #overload: OverloadState = NO_OVERLOAD;
  #trouble: TroubleState = NO_TROUBLE;
  #sequence = 0;
  #checks = 0;
  readonly #lateness = new Lateness();
  #cancelTick = () => {};
  #cancelLook = () => {};
  #tickAt = Infinity;
  #tickedAt = -Infinity;
  #ended: Promise<void> | undefined;

  private constructor(options: ResolvedMonitorOptions, clock: Clock, prober: Prober) {
    this.#options = options;
    this.#clock = clock;
    this.#prober = prober;
    this.#schedule = new Schedule(options, clock.now());
    this.#storms = new Storms(options.storm);
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#look();
  }

  /**
   * Starts a monitor.
   *
   * @param targets What to monitor. There are no `added` events for these.
   * @param options Defaults of the targets, and what the monitor has once.
   * @param parts What it stands on: by default the system's clock, and a `Checker`.
   * @returns The monitor, once its checker runs.
   * @throws {InvalidTargetsError} If targets are malformed, or ids are not unique. It names them all.
   * @throws {TypeError} If options are wrong. It names them all.
   * @throws {Error} If the checker can't be started.
   * @throws The signal's reason, if it aborts before the monitor has started.
   */
  static async start(
    targets: Iterable<MonitorTarget>,
    options: MonitorOptions = {},
    parts: MonitorParts = {},
  ): Promise<Monitor> {
    const resolved = resolveMonitorOptions(options);
    const settings = resolved.targets.resolve(targets);
    const saved = new Map(resolved.restore.map((state) => [state.id, state]));
    resolved.signal?.throwIfAborted();
    const { clock = SYSTEM_CLOCK } = parts;
    const prober = parts.prober ?? await SupervisedChecker.start(resolved.checker, clock);
    const monitor = new Monitor(resolved, clock, prober);
    if (resolved.signal?.aborted) {
      await monitor[Symbol.asyncDispose]();
      throw resolved.signal.reason;
    }
    for (const one of settings.values()) monitor.#insert(one, saved.get(one.id));
    monitor.#arm();
    return monitor;
  }

  /** How many targets there are. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Makes the targets these, and no others. A target whose `id` and `target` are the same keeps its state; its
   * thresholds, intervals, labels and group may change.
   *
   * @param targets All targets.
   * @throws {InvalidTargetsError} If targets are malformed, or ids are not unique: nothing has changed then.
   */
  set(targets: Iterable<MonitorTarget>): void {
    const wanted = this.#options.targets.resolve(targets);
    for (const [id, entry] of this.#entries) {
      const settings = wanted.get(id);
      if (settings === undefined || settings.target !== entry.settings.target) this.#remove(entry);
    }
    for (const settings of wanted.values()) {
      const entry = this.#entries.get(settings.id);
      if (entry === undefined) this.#add(settings);
      else this.#change(entry, settings);
    }
    this.#arm();
  }

  /**
   * Adds a target.
   *
   * @param target The target.
   * @returns Its id.
   * @throws {InvalidTargetsError} If it is malformed, or its id is taken.
   */
  add(target: MonitorTarget): string {
    const [settings] = this.#options.targets.resolve([target]).values();
    if (this.#entries.has(settings.id)) throw new InvalidTargetsError([`${quote(settings.id)}: the id is not unique`]);
    this.#add(settings);
    this.#arm();
    return settings.id;
  }

  /**
   * Removes a target. The result of its check under way is dropped.
   *
   * @param id Its id.
   * @returns Whether it was there.
   */
  remove(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#remove(entry);
    return true;
  }

  /**
   * What is known of a target.
   *
   * @param id Its id.
   * @returns Its state by now; `undefined` if there is no such target.
   */
  get(id: string): TargetState | undefined {
    return this.#entries.get(id)?.snapshot(this.#clock.now());
  }

  /** What is known of all targets, in the order in which they were added. Each is made when it is asked for. */
  *states(): Generator<TargetState, void> {
    for (const entry of this.#entries.values()) yield entry.snapshot(this.#clock.now());
  }

  /** What the monitor has done so far. */
  statistics(): MonitorStatistics {
    return {
      checks: this.#checks,
      skipped: this.#schedule.skipped,
      lateness: this.#lateness.summary(),
      dropped: this.#stream.dropped,
    };
  }

  /**
   * Reports what real traffic saw of a target: see the options `errorLimit` and `onError`.
   *
   * @param id Its id.
   * @param ok Whether it went well.
   * @returns Whether there is such a target.
   */
  report(id: string, ok: boolean): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.reports++;
    this.#observe(entry, ok ? "report-passed" : "report-failed");
    this.#arm();
    return true;
  }

  /**
   * Begins or ends a target's maintenance: it isn't checked, and its state is `"maintenance"`. Afterwards it starts as
   * the option `initial` says. The result of a check under way is dropped.
   *
   * @param id Its id.
   * @param on Whether it begins.
   * @param maintenance When it ends by itself, in ms since 1970, and why there is one.
   * @returns Whether there is such a target.
   */
  setMaintenance(id: string, on: boolean, maintenance: Maintenance = {}): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.maintenance = on ? only(maintenance) : undefined;
    if (on) {
      this.#inMaintenance.add(entry);
      this.#leave(entry);
    } else this.#inMaintenance.delete(entry);
    this.#observe(entry, on ? "maintenance-begins" : "maintenance-ends");
    this.#enter(entry);
    this.#arm();
    return true;
  }

  /**
   * Reads the events from now on. Up to 10,000 wait for a slow reader; then the oldest are dropped, and it gets `lost`.
   *
   * @param options `signal` ends the reading with its reason.
   * @returns The events. They end with the monitor.
   */
  events({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<MonitorEvent> {
    return this.#stream.open(signal);
  }

  /** Ends the monitor: checks under way are cancelled, and readers of events reach their end. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#cancelTick();
    this.#cancelLook();
    for (const entry of this.#entries.values()) this.#leave(entry);
    try {
      await this.#prober[Symbol.asyncDispose]();
    } finally {
      this.#stream.end();
    }
  }

  #add(settings: TargetSettings): void {
    const entry = this.#insert(settings);
    this.#publish({ type: "added", ...this.#about(entry) });
  }

  #insert(settings: TargetSettings, saved?: TargetState): Entry {
    const entry = new Entry(settings, this.#clock.now(), this.#clock.date());
    // Another address under an id is another target, as in set().
    if (saved?.target === settings.target) entry.restore(saved, this.#clock.now(), this.#clock.date());
    this.#entries.set(settings.id, entry);
    this.#storms.add(entry);
    if (entry.maintenance !== undefined) this.#inMaintenance.add(entry);
    this.#enter(entry);
    return entry;
  }

  #remove(entry: Entry): void {
    entry.isRemoved = true;
    this.#leave(entry);
    this.#inMaintenance.delete(entry);
    this.#entries.delete(entry.settings.id);
    this.#publish({ type: "removed", ...this.#about(entry) });
    this.#leaveGroup(entry);
  }

  /** Counts a target out of its group. The group's storm ends with its last target. */
  #leaveGroup(entry: Entry): void {
    for (const storm of this.#storms.remove(entry, this.#clock.now())) {
      this.#publish({ at: this.#clock.date(), ...storm });
    }
  }

  #change(entry: Entry, settings: TargetSettings): void {
    const { intervals, group } = entry.settings;
    const moves = group !== settings.group;
    if (moves) this.#leaveGroup(entry);
    entry.change(settings);
    if (moves) this.#storms.add(entry);
    else this.#storms.widen(entry);
    if (entry.slot !== undefined && isOther(intervals, settings.intervals)) {
      this.#schedule.change(entry.slot, settings.intervals, this.#clock.now());
    }
  }

  /** Puts a target into the schedule, unless it is in maintenance or was removed, or a check is still under way. */
  #enter(entry: Entry): void {
    const { settings: { id, intervals }, verdict } = entry;
    if (entry.slot !== undefined || entry.isChecking || entry.maintenance !== undefined || entry.isRemoved) return;
    entry.slot = this.#schedule.add(entry, id, intervals, pace(verdict), this.#clock.now());
  }

  /** Takes a target out of the schedule. The result of its check under way will be dropped. */
  #leave(entry: Entry): void {
    if (entry.slot !== undefined) this.#schedule.remove(entry.slot);
    entry.slot = undefined;
  }

  /** Begins the checks that are due. */
  #tick(): void {
    this.#tickAt = Infinity;
    const now = this.#tickedAt = this.#clock.now();
    for (const slot of this.#schedule.begin(now)) {
      this.#lateness.add(now - slot.due);
      this.#check(slot);
    }
    this.#arm();
  }

  /** Sets the timer for the next check that is due. */
  #arm(): void {
    if (this.#ended !== undefined) return;
    const earliest = this.#tickedAt + TICK_INTERVAL;
    // With thousands of targets it is so at the end of nearly each check, and the look into the wheel is saved.
    if (this.#tickAt <= earliest) return;
    const due = Math.max(this.#schedule.nextDue(), earliest);
    if (due >= this.#tickAt) return;
    this.#cancelTick();
    this.#tickAt = due;
    this.#cancelTick = this.#clock.at(due, () => this.#tick());
  }

  #check(slot: Slot<Entry>): void {
    const entry = slot.item;
    const { endpoint, check, intervals: { timeout } } = entry.settings;
    entry.isChecking = true;
    // Without a signal to cancel it: that would cost a quarter of a check. A result that is not wanted is dropped.
    this.#prober.check(endpoint, check).then(
      // The settings may have changed by then: the result is judged by the timeout that the check had.
      (result) => this.#finish(slot, classify(result, timeout), result),
      (error) => this.#finish(slot, "neutral", undefined, error),
    );
  }

  /** Judges a check that has ended, and schedules the next one. */
  #finish(slot: Slot<Entry>, outcome: Outcome, result: CheckResult | undefined, error?: unknown): void {
    const entry = slot.item;
    entry.isChecking = false;
    if (slot.isRemoved) {
      this.#enter(entry);
      return this.#arm();
    }
    this.#checks++;
    this.#recent.all++;
    entry.checks++;
    if (result !== undefined) entry.result = result;
    if (outcome === "fail") entry.failures++;
    if (outcome === "neutral") {
      entry.neutral++;
      const reason = reasonOf(result, error);
      this.#recent.neutral.set(reason, (this.#recent.neutral.get(reason) ?? 0) + 1);
    }
    this.#observe(entry, outcome, result);
    this.#schedule.end(slot, pace(entry.verdict), this.#clock.now());
    this.#arm();
  }

  #observe(entry: Entry, observation: Observation, result?: CheckResult): void {
    const now = this.#clock.now();
    const { state, changes } = judge(entry.verdict, observation, entry.settings.verdict, now);
    const wasKnown = entry.isKnown;
    entry.verdict = state;
    if (changes.length === 0) return;
    this.#storms.count(entry, wasKnown);
    for (const change of changes) this.#tell(entry, change, now, result);
  }

  /** Publishes a change of a target, and books what follows from it. */
  #tell(entry: Entry, change: Change, now: number, result: CheckResult | undefined): void {
    switch (change.type) {
      case "error-limit":
        if (entry.slot !== undefined) this.#schedule.hasten(entry.slot, now);
        return;
      case "degraded":
      case "flapping":
        return this.#publish({ ...this.#about(entry), ...change });
      case "maintenance":
        entry.leave(change.from, change.duration, this.#clock.date());
        return this.#publish({ ...this.#about(entry), ...change, ...entry.maintenance });
      case "transition":
    }
    entry.leave(change.from, change.duration, this.#clock.date());
    const decided = change.count > 0 && result !== undefined;
    this.#publish({ ...this.#about(entry), ...change, ...decided && { result } });
    if (change.to === "unknown") return;
    if (!change.initial) entry.transitions++;
    for (const storm of this.#storms.turn(entry, { to: change.to, wasDownAt: entry.wasDownAt }, now)) {
      this.#publish({ at: this.#clock.date(), ...storm });
    }
    if (change.to === "down") entry.wasDownAt = now;
  }

  /** Looks for what time alone changes, now and every second. */
  #look(): void {
    const now = this.#clock.now();
    const at = this.#clock.date();
    for (const storm of this.#storms.look(now)) this.#publish({ at, ...storm });
    const trouble = judgeTrouble(this.#trouble, this.#recent, this.#troubleOptions(), now);
    this.#recent = { all: 0, neutral: new Map() };
    this.#trouble = trouble.state;
    if (trouble.change !== undefined) this.#publish({ at, ...trouble.change });
    const { demand, skipped } = this.#schedule;
    const overload = judgeOverload(this.#overload, { demand, rate: this.#options.rate, skipped }, now);
    this.#overload = overload.state;
    this.#schedule.isStretched = overload.state.active;
    if (overload.change !== undefined) this.#publish({ at, ...overload.change });
    for (const { settings: { id }, maintenance } of this.#inMaintenance) {
      if (maintenance?.until !== undefined && maintenance.until <= at) this.setMaintenance(id, false);
    }
    this.#forgetStale(now);
    this.#cancelLook = this.#clock.at(now + LOOK_INTERVAL, () => this.#look());
  }

  /**
   * Makes stale states unknown, a share of the targets at a time. A result does that too, but there may be none: the
   * check under way waits for its turn, or all slots are skipped.
   */
  #forgetStale(now: number): void {
    for (let left = Math.ceil(this.#entries.size / STALE_LOOKS); left > 0; left--) {
      const { value: entry, done } = this.#sweep.next();
      if (done) {
        this.#sweep = this.#entries.values();
        return;
      }
      const { verdict, settings } = entry;
      if (now - verdict.heardAt >= settings.verdict.staleAfter) this.#observe(entry, "tick");
    }
  }

  #troubleOptions(): TroubleOptions {
    const { share = 0.5, minimum = 2, within = 2 * this.#storms.largestInterval } = this.#options.trouble;
    return { share, minimum, within };
  }

  #about({ settings: { id, target, group, labels } }: Entry): Omit<TargetEventBase, "sequence"> {
    return { id, target, group, labels, at: this.#clock.date() };
  }

  #publish(event: Unnumbered<PublishedEvent>): void {
    this.#stream.publish({ ...event, sequence: ++this.#sequence } as PublishedEvent);
  }
}

/** An event before it has its number. */
type Unnumbered<Event> = Event extends unknown ? Omit<Event, "sequence"> : never;

function isOther(before: object, after: object): boolean {
  return before !== after && JSON.stringify(before) !== JSON.stringify(after);
}

/** A copy of what is known of a maintenance, and nothing else. */
function only({ until, reason }: Maintenance): Maintenance {
  return { ...until !== undefined && { until }, ...reason !== undefined && { reason } };
}

/** Why a check said nothing about its target: an error's code, a status, or the message of the error that it rejected with. */
function reasonOf(result: CheckResult | undefined, error: unknown): string {
  if (result !== undefined) return "code" in result ? result.code : result.status;
  // Why there is no checker says more than that there is none.
  const cause = error instanceof CheckerNotRunningError ? error.cause ?? error : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Monitor: public interface and lifecycle. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { CheckLoop } from "./check_loop.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import type { TargetEntry } from "./target_entry.ts";
import type { MonitorEvent } from "./event.ts";
import { EventStream } from "./event_stream.ts";
import type { LatenessSummary } from "./lateness.ts";
import { Measurements, type RttHistogram } from "./measurements.ts";
import type { MonitorObserver } from "./observer.ts";
import { type MonitorOptions, type ResolvedMonitorOptions, resolveMonitorOptions } from "./options.ts";
import { Problems } from "./problems.ts";
import { Storms } from "./storms.ts";
import { SavedStates } from "./saved_states.ts";
import { type Prober, SupervisedChecker } from "./supervised_checker.ts";
import { runInTimeSlices } from "./time_slices.ts";
import type { TargetResolver } from "./target_resolver.ts";
import type { MonitorTarget, TargetOptions, TargetSettings } from "./target.ts";
import { InvalidTargetsError } from "./target_errors.ts";
import type { Maintenance, TargetState } from "./target_state.ts";
import { TargetTable } from "./target_table.ts";
import { VerdictPublisher } from "./verdict_publisher.ts";
import { Watchdog } from "./watchdog.ts";
import { assertMaintenance, copyMaintenance } from "./maintenance.ts";

/** Replaceable parts of a monitor, for tests, and for other means of checking. */
export interface MonitorParts {
  /** The clock; the system's by default. */
  readonly clock?: Clock;
  /** The prober, which makes the checks; by default a {@linkcode SupervisedChecker}. The monitor disposes of it. */
  readonly prober?: Prober;
  /** Observers of every check and event. */
  readonly observers?: readonly MonitorObserver[];
  /** States to restore, in place of the option `restore`; also for targets that are added after the start. */
  readonly saved?: SavedStates;
}

/** Counters of a monitor since its start. */
export interface MonitorStatistics {
  /** Number of completed checks. */
  readonly checks: number;
  /** Number of skipped slots. */
  readonly skipped: number;
  /** Lateness of checks in ms. */
  readonly lateness: LatenessSummary;
  /** Number of events dropped because of slow readers. */
  readonly dropped: number;
  /** Round-trip times by group; `""` for targets without a group. */
  readonly rtt: ReadonlyMap<string, RttHistogram>;
  /** Number of results `local-error`, by code. */
  readonly localErrors: ReadonlyMap<string, number>;
}

/**
 * Health monitor of TCP ports: checks each target periodically, and decides whether it is up or down.
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
  #resolver: TargetResolver;
  readonly #signal: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #prober: Prober;
  readonly #stream: EventStream;
  readonly #table: TargetTable;
  readonly #verdicts: VerdictPublisher;
  readonly #loop: CheckLoop;
  readonly #measurements = new Measurements();
  readonly #watchdog: Watchdog;
  readonly #saved: SavedStates | undefined;
  readonly #onAbort = () => void this[Symbol.asyncDispose]();
  #checks = 0;
  #ended: Promise<void> | undefined;

  private constructor(
    options: ResolvedMonitorOptions,
    clock: Clock,
    prober: Prober,
    observers: readonly MonitorObserver[],
    saved: SavedStates | undefined,
  ) {
    const storms = new Storms(options.storm);
    const stream = this.#stream = new EventStream(observers);
    this.#resolver = options.targets;
    this.#signal = options.signal;
    this.#clock = clock;
    this.#prober = prober;
    this.#saved = saved;
    this.#table = new TargetTable(clock, storms);
    this.#verdicts = new VerdictPublisher(clock, storms, stream);
    this.#loop = new CheckLoop(options, clock, prober, (entry, outcome, now, result, error) => {
      this.#checks++;
      entry.count(outcome, result);
      if (result !== undefined) this.#measurements.add(entry.settings.group, result);
      this.#watchdog.count(outcome, result, error);
      for (const observer of observers) observer.checked(entry.settings.id, outcome, now, result);
      this.#verdicts.observe(entry, outcome, now, result);
    });
    this.#watchdog = new Watchdog({
      clock,
      storms,
      stream,
      table: this.#table,
      loop: this.#loop,
      verdicts: this.#verdicts,
      endMaintenance: (entry) => this.#setMaintenance(entry, undefined),
    }, options);
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#watchdog.start();
  }

  /**
   * Starts a monitor.
   *
   * @param targets What to monitor. These targets have no `added` events.
   * @param options Defaults of the targets, and options of the monitor itself.
   * @param parts Replaceable parts.
   * @returns The monitor, once its checker runs.
   * @throws {RangeError} If options are out of range, such as a `timeout` above `interval`, and nothing else is wrong;
   * a {@linkcode TargetsOutOfRangeError} for options of targets. The error lists all problems.
   * @throws {TypeError} If options have the wrong type or are malformed; an {@linkcode InvalidTargetsError} if targets
   * are malformed, or ids are not unique. The error lists all problems.
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
    const saved = parts.saved ?? new SavedStates(resolved.restore);
    resolved.signal?.throwIfAborted();
    const { clock = SYSTEM_CLOCK, observers = [] } = parts;
    const prober = parts.prober ?? await SupervisedChecker.start(resolved.checker, clock);
    const monitor = new Monitor(resolved, clock, prober, observers, parts.saved);
    if (resolved.signal?.aborted) {
      await monitor[Symbol.asyncDispose]();
      throw resolved.signal.reason;
    }
    for (const one of settings.values()) monitor.#loop.add(monitor.#table.insert(one, saved.take(one.id)));
    return monitor;
  }

  /** The number of targets. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Replaces the list of targets. A target with the same `id` and `target` keeps its state; its thresholds, intervals,
   * labels and group may change. With another address, it is another target. If this method throws, nothing has
   * changed.
   *
   * @param targets All targets.
   * @throws {TargetsOutOfRangeError} If options are out of range, and nothing else is wrong.
   * @throws {InvalidTargetsError} If targets are malformed, or ids are not unique.
   * @throws {Error} If the monitor was disposed of.
   */
  set(targets: Iterable<MonitorTarget>): void {
    this.#assertLive("set targets");
    for (const _ of this.#setSteps(targets, this.#resolver));
  }

  /**
   * Replaces the list of targets like {@linkcode Monitor.set}, but in slices of a few ms, so that no check is delayed.
   * All targets are validated before the first one changes. Await the promise before the next change of targets.
   *
   * @param targets All targets.
   * @param defaults The new default options of targets; the current ones if absent.
   * @throws {InvalidTargetsError} If targets are malformed, or ids are not unique.
   * @throws {TypeError} If defaults are invalid.
   * @throws {Error} If the monitor was disposed of.
   */
  async setGradually(targets: Iterable<MonitorTarget>, defaults?: TargetOptions): Promise<void> {
    this.#assertLive("set targets");
    const problems = new Problems();
    const resolver = defaults === undefined ? this.#resolver : this.#resolver.withDefaults(defaults, problems);
    if (problems.messages.length > 0) throw new TypeError(`Cannot set defaults: ${problems.messages.join("; ")}`);
    await runInTimeSlices(this.#setSteps(targets, resolver));
  }

  /**
   * Adds a target.
   *
   * @param target The target.
   * @returns The target's id.
   * @throws {TargetsOutOfRangeError} If options are out of range, and nothing else is wrong.
   * @throws {InvalidTargetsError} If the target is malformed, or the id is not unique.
   * @throws {Error} If the monitor was disposed of.
   */
  add(target: MonitorTarget): string {
    this.#assertLive("add a target");
    const [settings] = this.#resolver.resolve([target]).values();
    const { id } = settings;
    if (this.#table.get(id) !== undefined) throw new InvalidTargetsError([`${quote(id)}: the id is not unique`]);
    this.#add(settings);
    return id;
  }

  /**
   * Removes a target, and cancels its check in flight.
   *
   * @param id The target's id.
   * @returns Whether there was such a target.
   * @throws {Error} If the monitor was disposed of.
   */
  remove(id: string): boolean {
    this.#assertLive("remove a target");
    const entry = this.#table.get(id);
    if (entry === undefined) return false;
    this.#remove(entry);
    return true;
  }

  /**
   * Returns the state of a target.
   *
   * @param id The target's id.
   * @returns A snapshot; `undefined` if there is no such target.
   */
  get(id: string): TargetState | undefined {
    return this.#table.get(id)?.snapshot(this.#clock.now());
  }

  /** Yields the states of all targets, in the order of their addition. Each snapshot is taken when it is yielded. */
  *states(): Generator<TargetState, void> {
    for (const entry of this.#table.values()) yield entry.snapshot(this.#clock.now());
  }

  /** Returns the counters of the monitor. */
  statistics(): MonitorStatistics {
    return {
      checks: this.#checks,
      skipped: this.#loop.skipped,
      lateness: this.#loop.lateness.summary(),
      dropped: this.#stream.dropped,
      rtt: this.#measurements.rtt,
      localErrors: this.#measurements.localErrors,
    };
  }

  /**
   * Reports a success or failure of real traffic to a target. See the options `errorLimit` and `onError`.
   *
   * @param id The target's id.
   * @param ok Whether the traffic succeeded.
   * @returns Whether there is such a target.
   * @throws {TypeError} If `ok` is not a boolean.
   * @throws {Error} If the monitor was disposed of.
   */
  report(id: string, ok: boolean): boolean {
    this.#assertLive("report");
    if (typeof ok !== "boolean") throw new TypeError(`Cannot report: ok must be true or false, it is ${quote(ok)}`);
    const entry = this.#table.get(id);
    if (entry === undefined) return false;
    entry.reports++;
    const changes = this.#verdicts.observe(entry, ok ? "report-passed" : "report-failed", this.#clock.now());
    if (changes.some(({ type }) => type === "error-limit")) this.#loop.hasten(entry);
    return true;
  }

  /**
   * Begins or ends the maintenance of a target. During maintenance the target is not checked, and its state is
   * `"maintenance"`. Afterwards the target has the initial state (option `initial`). Entering maintenance cancels the
   * check in flight.
   *
   * @param id The target's id.
   * @param on Whether the maintenance begins.
   * @param maintenance The time of its automatic end, and the reason.
   * @returns Whether there is such a target.
   * @throws {TypeError} If an argument has the wrong type, or `maintenance` an unknown property.
   * @throws {Error} If the monitor was disposed of.
   */
  setMaintenance(id: string, on: boolean, maintenance: Maintenance = {}): boolean {
    this.#assertLive("set the maintenance");
    assertMaintenance(on, maintenance);
    const entry = this.#table.get(id);
    if (entry === undefined) return false;
    this.#setMaintenance(entry, on ? copyMaintenance(maintenance) : undefined);
    return true;
  }

  /**
   * Opens a reader of the events from now on. The queue holds 10,000 events. When it is full, the oldest are dropped,
   * and the reader gets `lost`.
   *
   * @param options `signal` ends the reading with its reason.
   * @returns The events. They end with the monitor.
   * @throws {TypeError} If an option is invalid.
   * @throws The signal's reason, if it has aborted already.
   */
  events(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<MonitorEvent> {
    return this.#stream.open(options);
  }

  /**
   * Ends the monitor: cancels checks in flight, and ends the readers of events. States and statistics remain readable;
   * methods that change them throw.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }

  #assertLive(action: string): void {
    if (this.#ended !== undefined) throw new Error(`Cannot ${action}: the monitor was disposed of`);
  }

  async #end(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#watchdog.stop();
    this.#loop.stop();
    for (const entry of this.#table.values()) this.#loop.remove(entry);
    try {
      await this.#prober[Symbol.asyncDispose]();
    } finally {
      this.#stream.end();
    }
  }

  *#setSteps(targets: Iterable<MonitorTarget>, resolver: TargetResolver): Generator<void, void> {
    const wanted = new Map<string, TargetSettings>();
    yield* resolver.steps(targets, wanted, (id) => this.#table.get(id)?.settings);
    this.#resolver = resolver;
    for (const entry of this.#table.values()) {
      if (this.#ended !== undefined) return;
      if (wanted.get(entry.settings.id)?.target !== entry.settings.target) this.#remove(entry);
      yield;
    }
    for (const settings of wanted.values()) {
      if (this.#ended !== undefined) return;
      const entry = this.#table.get(settings.id);
      if (entry === undefined) this.#add(settings);
      else if (settings !== entry.settings) this.#change(entry, settings);
      yield;
    }
  }

  #add(settings: TargetSettings): void {
    const entry = this.#table.insert(settings, this.#saved?.take(settings.id));
    this.#loop.add(entry);
    this.#verdicts.publishMembership(entry, "added");
  }

  #remove(entry: TargetEntry): void {
    this.#loop.remove(entry);
    const storms = this.#table.remove(entry);
    this.#verdicts.publishMembership(entry, "removed");
    this.#verdicts.publishStorms(storms);
  }

  #change(entry: TargetEntry, settings: TargetSettings): void {
    this.#verdicts.publishStorms(this.#table.change(entry, settings));
    this.#loop.change(entry);
  }

  #setMaintenance(entry: TargetEntry, maintenance: Maintenance | undefined): void {
    this.#table.setMaintenance(entry, maintenance);
    if (maintenance !== undefined) this.#loop.remove(entry);
    const observation = maintenance === undefined ? "maintenance-ends" : "maintenance-begins";
    this.#verdicts.observe(entry, observation, this.#clock.now());
    this.#loop.add(entry);
  }
}

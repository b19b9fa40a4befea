/** Alert tracker: computes alerts from a monitor's events and states, and delays them while a storm explains them. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { TargetState } from "../target_state.ts";
import type { MonitorEvent, Overload, Storm, Trouble } from "../event.ts";
import type { StateSource } from "../state_source.ts";
import { type Alert, alertKey } from "./alert.ts";
import { makeMonitorAlert } from "./monitor_alerts.ts";
import { makeTargetAlert, targetAlert, type TargetAlertName } from "./target_alerts.ts";

/** Options of an {@linkcode AlertTracker}. */
export interface AlertOptions {
  /**
   * Delay of `TargetDown` in ms, so that a storm can replace the alert. One interval of the checks is enough.
   *
   * @default {2000}
   */
  readonly wait?: number;
  /**
   * Ids of targets whose `TargetDown` another process has sent. The alert is sent again without `wait` if the target is
   * down, and resolved if the target is up. Neither is sent while the target's state is unknown.
   *
   * @default {none}
   */
  readonly announced?: Iterable<string>;
  /** The clock; tests pass their own. */
  readonly clock?: Clock;
}

/** Called with alerts that have begun or ended, in order. An alert with `endsAt` has ended. */
export type OnAlerts = (alerts: readonly Alert[]) => void;

/** Changes within this time, in ms, are sent together. */
const GATHER_MS = 1000;

/** The alert of a target. */
interface TargetAlert {
  readonly name: TargetAlertName;
  readonly alert: Alert;
  /** The target's group. */
  readonly group: string;
  /** When to send it, on the monotonic clock; `Infinity` while a storm delays it; absent once it was sent. */
  due?: number;
  /** Whether another process has sent it, and the state has been unknown since, so that it can't be sent again. */
  readonly isUnconfirmed?: boolean;
}

/** Computes alerts from events. */
export class AlertTracker implements Disposable {
  readonly #states: StateSource;
  readonly #wait: number;
  readonly #clock: Clock;
  readonly #onAlerts: OnAlerts;
  /** Alerts of targets, by id. */
  readonly #targets = new Map<string, TargetAlert>();
  /** Ids of targets whose alert was not sent yet. */
  readonly #held = new Set<string>();
  /** Ids of announced targets that are not there yet: they may come with a list that is read later. */
  readonly #announced: Set<string>;
  /** Alerts about many targets or the monitor, by their key. */
  readonly #others = new Map<string, Alert>();
  /** Groups that have a storm; `undefined` is the storm over all targets. */
  readonly #storms = new Set<string | undefined>();
  /** Changes to send next, by key. */
  readonly #changes = new Map<string, Alert>();
  /** When to send them, on the monotonic clock. */
  #flushAt = Infinity;
  /** Keys of alerts whose start was sent, but not their end. */
  readonly #sent = new Set<string>();
  #cancelTimer: (() => void) | undefined;
  #timerAt = Infinity;

  /**
   * Creates a tracker. Targets that are already down have an alert.
   *
   * @param states The states of the targets.
   * @param onAlerts Called with the changed alerts.
   * @param options The delay, and alerts of another process.
   */
  constructor(
    states: StateSource,
    onAlerts: OnAlerts,
    { wait = 2000, announced = [], clock = SYSTEM_CLOCK }: AlertOptions = {},
  ) {
    this.#states = states;
    this.#onAlerts = onAlerts;
    this.#wait = wait;
    this.#clock = clock;
    this.#announced = new Set(announced);
    for (const id of this.#announced) this.#takeOver(id);
    this.#refreshAll();
  }

  /** All firing alerts, whether or not their start was sent, without delayed and unconfirmed ones. */
  *firing(): Generator<Alert, void> {
    for (const { alert, due, isUnconfirmed } of this.#targets.values()) {
      if (due === undefined && !isUnconfirmed) yield alert;
    }
    yield* this.#others.values();
  }

  /** Number of delayed alerts. */
  get held(): number {
    return this.#held.size;
  }

  /** Processes an event. */
  take(event: MonitorEvent): void {
    switch (event.type) {
      case "transition":
      case "degraded":
      case "flapping":
      case "maintenance":
      case "added":
      case "removed":
        return this.#refresh(event.id, this.#states.get(event.id), "result" in event ? event.result : undefined);
      case "storm":
        this.#onCondition(event);
        return event.active ? this.#beginStorm(event.group) : this.#endStorm(event.group);
      case "trouble":
      case "overload":
        return this.#onCondition(event);
      case "lost":
        // Storms in the lost events are unknown. Assumes that there is no storm, so that no alert stays delayed.
        for (const group of [...this.#storms]) this.#endStorm(group);
        for (const alert of [...this.#others.values()]) this.#end(alert);
        return this.#refreshAll();
    }
  }

  /** Sends queued changes. Delayed alerts stay delayed. */
  flush(): void {
    this.#flushAt = Infinity;
    if (this.#changes.size === 0) return;
    for (const [key, { endsAt }] of this.#changes) {
      if (endsAt === undefined) this.#sent.add(key);
      else this.#sent.delete(key);
    }
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    this.#onAlerts(changes);
  }

  /** Cancels the timer. Alerts are not resolved, because the end of the monitor is not a recovery. */
  [Symbol.dispose](): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #refreshAll(): void {
    for (const id of this.#targets.keys()) {
      if (this.#states.get(id) === undefined) this.#refresh(id, undefined);
    }
    for (const state of this.#states.states()) this.#refresh(state.id, state);
  }

  /** Updates a target's alert. `state` is absent if the target was removed. */
  #refresh(id: string, state: TargetState | undefined, result = state?.result): void {
    // A target that comes without the state of its alert has another address, so that it is another target.
    if (state !== undefined && this.#announced.delete(id) && state.state === "down") this.#takeOver(id);
    const current = this.#targets.get(id);
    const name = state && targetAlert(state, current?.name);
    if (current?.isUnconfirmed && name === "TargetDown" && state?.state === "down") return this.#takeOver(id);
    if (name === current?.name) return;
    if (current !== undefined) this.#drop(id, current);
    if (name !== undefined) this.#add(id, name, state!, result);
  }

  /** Adopts the alert `TargetDown` that another process has sent. The alert of a removed target can't be adopted. */
  #takeOver(id: string): void {
    const state = this.#states.get(id);
    if (state === undefined) return;
    this.#announced.delete(id);
    const alert = makeTargetAlert("TargetDown", state, state.since, state.result);
    this.#sent.add(alertKey(alert));
    const isUnconfirmed = state.state !== "down";
    this.#targets.set(id, { name: "TargetDown", alert, group: state.group, isUnconfirmed });
    if (!isUnconfirmed) this.#change(alert);
  }

  #add(id: string, name: TargetAlertName, state: TargetState, result: CheckResult | undefined): void {
    const startsAt = name === "TargetDown" ? state.since : this.#clock.date();
    const alert = makeTargetAlert(name, state, startsAt, result);
    const entry: TargetAlert = { name, alert, group: state.group };
    this.#targets.set(id, entry);
    if (name !== "TargetDown") return this.#change(alert);
    entry.due = this.#inStorm(state.group) ? Infinity : this.#clock.now() + this.#wait;
    this.#held.add(id);
    this.#arm(entry.due);
  }

  #drop(id: string, { alert, due }: TargetAlert): void {
    this.#targets.delete(id);
    this.#held.delete(id);
    if (due === undefined) this.#change({ ...alert, endsAt: this.#clock.date() });
  }

  /** Begins or ends an alert about many targets or the monitor. */
  #onCondition(event: Storm | Overload | Trouble): void {
    const alert = makeMonitorAlert(event);
    const key = alertKey(alert);
    const current = this.#others.get(key);
    if (event.active && current === undefined) {
      this.#others.set(key, alert);
      this.#change(alert);
    } else if (!event.active && current !== undefined) this.#end(current);
  }

  #end(alert: Alert): void {
    this.#others.delete(alertKey(alert));
    this.#change({ ...alert, endsAt: this.#clock.date() });
  }

  #beginStorm(group: string | undefined): void {
    this.#storms.add(group);
    for (const id of this.#held) {
      const entry = this.#targets.get(id)!;
      if (this.#inStorm(entry.group)) entry.due = Infinity;
    }
  }

  /** Schedules the alerts that this storm delayed, unless another storm still delays them. */
  #endStorm(group: string | undefined): void {
    this.#storms.delete(group);
    for (const id of this.#held) {
      const entry = this.#targets.get(id)!;
      if (entry.due === Infinity && !this.#inStorm(entry.group)) this.#send(id, entry);
    }
  }

  #inStorm(group: string): boolean {
    return this.#storms.has(undefined) || (group !== "" && this.#storms.has(group));
  }

  #send(id: string, entry: TargetAlert): void {
    this.#held.delete(id);
    delete entry.due;
    this.#change(entry.alert);
  }

  #change(alert: Alert): void {
    const key = alertKey(alert);
    // An alert that ends before its start was sent is dropped.
    if (alert.endsAt !== undefined && !this.#sent.has(key)) this.#changes.delete(key);
    else this.#changes.set(key, alert);
    this.#flushAt = Math.min(this.#flushAt, this.#clock.now() + GATHER_MS);
    this.#arm(this.#flushAt);
  }

  #arm(time: number): void {
    if (time >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = time;
    this.#cancelTimer = this.#clock.at(time, () => this.#onTimer());
  }

  /** Queues the alerts that are due, and sends the queued changes after the collection time. */
  #onTimer(): void {
    this.#timerAt = Infinity;
    const now = this.#clock.now();
    let next = Infinity;
    for (const id of this.#held) {
      const entry = this.#targets.get(id)!;
      if (entry.due! <= now) this.#send(id, entry);
      else next = Math.min(next, entry.due!);
    }
    if (this.#flushAt <= now) this.flush();
    this.#arm(Math.min(next, this.#flushAt));
  }
}

/** The events of a monitor. As JSON they are what the command prints and what sinks send. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { State } from "./state.ts";

/** Fields of all events with a number. */
export interface EventBase {
  /** The wall clock of the result that decided, or of the call that was made, in ms since 1970. */
  readonly at: number;
  /** 1 for the first event of a monitor, and one more for each that follows. */
  readonly sequence: number;
}

/** Fields of events about one target. */
export interface TargetEventBase extends EventBase {
  /** The target's id. */
  readonly id: string;
  /** `"host:port"`. */
  readonly target: string;
  /** The target's group; `""` if it has none. */
  readonly group: string;
  /** The target's labels. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A target's state has changed. */
export interface TargetTransition extends TargetEventBase {
  /** The kind of event. */
  readonly type: "transition";
  /** The state before. */
  readonly from: State;
  /** The state from now on. */
  readonly to: State;
  /** The check that decided; absent if a report did, or if the state is unknown because no check has passed or failed. */
  readonly result?: CheckResult;
  /** Why it is down, in words, if other programs made the checks, so that there is no result. */
  readonly reason?: string;
  /** The number of consecutive results that led to it; 0 if the state became stale. In a fleet, the votes for it. */
  readonly count: number;
  /** The number of results that it takes; 0 if the state became stale. In a fleet, the votes of all that are present. */
  readonly of: number;
  /** The time in `from`, in ms. */
  readonly duration: number;
  /** Whether this is the first verdict, or the first after the state was unknown. */
  readonly initial: boolean;
}

/** A target has begun or ceased to be degraded or flapping. */
export interface TargetFlag extends TargetEventBase {
  /** The kind of event. */
  readonly type: "degraded" | "flapping";
  /** Whether it has begun. */
  readonly active: boolean;
}

/** Witnesses of a fleet have begun or ceased to disagree about a target. */
export interface TargetDisagreement extends TargetEventBase {
  /** The kind of event. */
  readonly type: "disagreement";
  /** Whether they disagree. */
  readonly active: boolean;
  /** What the minority says; absent if they agree. */
  readonly state?: "up" | "down";
  /** The zones of the minority; absent if they agree. */
  readonly zones?: readonly string[];
}

/** A target was added or removed. */
export interface TargetMembership extends TargetEventBase {
  /** The kind of event. */
  readonly type: "added" | "removed";
}

/** A target's maintenance has begun or ended. */
export interface TargetMaintenance extends TargetEventBase {
  /** The kind of event. */
  readonly type: "maintenance";
  /** Whether it has begun. */
  readonly active: boolean;
  /** The state before. */
  readonly from: State;
  /** The state from now on. */
  readonly to: State;
  /** The time in `from`, in ms. */
  readonly duration: number;
  /** When it ends by itself, in ms since 1970. */
  readonly until?: number;
  /** The reason, as it was given. */
  readonly reason?: string;
}

/** A storm has begun or ended: many targets turned from up to down at about the same time. First verdicts don't count. */
export interface Storm extends EventBase {
  /** The kind of event. */
  readonly type: "storm";
  /** Whether it has begun. */
  readonly active: boolean;
  /** The group; absent for all targets together. */
  readonly group?: string;
  /** The number of targets that turned down: within the time window at its begin, since the begin at its end. */
  readonly count: number;
  /** The number of targets that are up or down. */
  readonly of: number;
  /** The time window at its begin, the duration of the storm at its end, in ms. */
  readonly within: number;
}

/** More checks are due than `rate` or this machine allows: `fastInterval` is stretched to `interval` meanwhile. */
export interface Overload extends EventBase {
  /** The kind of event. */
  readonly type: "overload";
  /** Whether it has begun. */
  readonly active: boolean;
}

/** Most results are neutral: this host, its link or its resolver is at fault. No target changes its state meanwhile. */
export interface Trouble extends EventBase {
  /** The kind of event. */
  readonly type: "trouble";
  /** Whether it has begun. */
  readonly active: boolean;
  /** The number of neutral results within the time window. */
  readonly count: number;
  /** The number of all results within the time window. */
  readonly of: number;
  /** The most frequent reason: an error's code, or a status. */
  readonly reason: string;
}

/** A reader was too slow: events were dropped, the oldest first. Read {@linkcode Monitor.states} anew. */
export interface EventsLost {
  /** The kind of event. */
  readonly type: "lost";
  /** The number of events. */
  readonly count: number;
  /** The wall clock when the first of them was dropped, in ms since 1970. */
  readonly at: number;
}

/** An event that every reader gets. */
export type PublishedEvent =
  | TargetTransition
  | TargetFlag
  | TargetDisagreement
  | TargetMembership
  | TargetMaintenance
  | Storm
  | Overload
  | Trouble;

/** An event, as a reader gets it. */
export type MonitorEvent = PublishedEvent | EventsLost;

/** An event before the stream has numbered it. */
export type UnnumberedEvent = Unnumbered<PublishedEvent>;

/** An event without its number. */
export type Unnumbered<Event> = Event extends unknown ? Omit<Event, "sequence"> : never;

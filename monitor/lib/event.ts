/** Events of a monitor. The command prints them and sinks send them, as JSON. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { State } from "./state.ts";

/** Fields of all events except `lost`. */
export interface EventBase {
  /** When the deciding result arrived or the method was called, by the wall clock, in ms since 1970. */
  readonly at: number;
  /** Sequence number, from 1. */
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
  /** The new state. */
  readonly to: State;
  /** The deciding result; absent if a report decided, or if the state became stale. */
  readonly result?: CheckResult;
  /** Reason why the target is down, as text; present if other programs make the checks, so that there is no result. */
  readonly reason?: string;
  /**
   * The number of consecutive results that caused the transition; 0 if the state became stale. In a fleet, the votes
   * for `to`.
   */
  readonly count: number;
  /**
   * The number of results that the transition needs; 0 if the state became stale. In a fleet, the votes of all present
   * witnesses.
   */
  readonly of: number;
  /** The time in `from`, in ms. */
  readonly duration: number;
  /** Whether this is the first verdict, or the first after the state was unknown. */
  readonly initial: boolean;
}

/** A target became degraded or flapping, or ceased to be. */
export interface TargetFlag extends TargetEventBase {
  /** The kind of event. */
  readonly type: "degraded" | "flapping";
  /** Whether the condition begins. */
  readonly active: boolean;
}

/** A fleet's witnesses began or ceased to disagree about a target. */
export interface TargetDisagreement extends TargetEventBase {
  /** The kind of event. */
  readonly type: "disagreement";
  /** Whether they disagree. */
  readonly active: boolean;
  /** The verdict of the minority; absent if the witnesses agree. */
  readonly state?: "up" | "down";
  /** The zones of the minority; absent if the witnesses agree. */
  readonly zones?: readonly string[];
}

/** A target was added or removed. */
export interface TargetMembership extends TargetEventBase {
  /** The kind of event. */
  readonly type: "added" | "removed";
}

/** A target's maintenance began or ended. */
export interface TargetMaintenance extends TargetEventBase {
  /** The kind of event. */
  readonly type: "maintenance";
  /** Whether the maintenance begins. */
  readonly active: boolean;
  /** The state before. */
  readonly from: State;
  /** The new state. */
  readonly to: State;
  /** The time in `from`, in ms. */
  readonly duration: number;
  /** When the maintenance ends by itself, in ms since 1970. */
  readonly until?: number;
  /** The reason, as given. */
  readonly reason?: string;
}

/** A storm began or ended: many targets went from up to down at about the same time. First verdicts don't count. */
export interface Storm extends EventBase {
  /** The kind of event. */
  readonly type: "storm";
  /** Whether the storm begins. */
  readonly active: boolean;
  /** The group; absent for all targets together. */
  readonly group?: string;
  /** The number of targets that went down: within the time window if the storm begins, during the storm if it ends. */
  readonly count: number;
  /** The number of targets that are up or down. */
  readonly of: number;
  /** The time window if the storm begins, its duration if it ends, in ms. */
  readonly within: number;
}

/**
 * An overload began or ended: more checks are due than `rate` or this machine allows. During an overload, `interval`
 * replaces a shorter `fastInterval`.
 */
export interface Overload extends EventBase {
  /** The kind of event. */
  readonly type: "overload";
  /** Whether the overload begins. */
  readonly active: boolean;
}

/**
 * Trouble began or ended: most results are neutral, so this host, its link or its resolver is at fault. Neutral results
 * change no state.
 */
export interface Trouble extends EventBase {
  /** The kind of event. */
  readonly type: "trouble";
  /** Whether the trouble begins. */
  readonly active: boolean;
  /** The number of neutral results within the time window. */
  readonly count: number;
  /** The number of all results within the time window. */
  readonly of: number;
  /** The most frequent reason: an error code, or a status. */
  readonly reason: string;
}

/** Events were dropped, the oldest first, because the reader was too slow. Read {@linkcode Monitor.states} again. */
export interface EventsLost {
  /** The kind of event. */
  readonly type: "lost";
  /** The number of events. */
  readonly count: number;
  /** When the first of them was dropped, by the wall clock, in ms since 1970. */
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

/** An event of a reader: one that every reader gets, or `lost`. */
export type MonitorEvent = PublishedEvent | EventsLost;

/** An event without a sequence number. */
export type UnnumberedEvent = Unnumbered<PublishedEvent>;

/** An event of one type without its sequence number. */
export type Unnumbered<Event> = Event extends unknown ? Omit<Event, "sequence"> : never;

/**
 * Monitor of TCP ports: checks each target at an interval, and decides whether it is up or down. One process can monitor
 * 100,000 targets.
 *
 * @module
 */

export type {
  CheckDefaults,
  CheckerOptions,
  CheckOptions,
  CheckResult,
  CheckResultBase,
  CheckTarget,
  DeniedResult,
  Engine,
  HostPort,
  LocalErrorResult,
  Mode,
  PacketOptions,
  PeerDetails,
  ProbedAddress,
  RefusedResult,
  TimeoutResult,
  UnreachableResult,
  UnresolvedResult,
  UpResult,
} from "@tcp-shaker/tcp-shaker";
export type { Outcome } from "./lib/classify.ts";
export { type Clock, SYSTEM_CLOCK } from "./lib/clock.ts";
export type {
  EventBase,
  EventsLost,
  MonitorEvent,
  Overload,
  PublishedEvent,
  Storm,
  TargetDisagreement,
  TargetEventBase,
  TargetFlag,
  TargetMaintenance,
  TargetMembership,
  TargetTransition,
  Trouble,
} from "./lib/event.ts";
export type { LatenessSummary } from "./lib/lateness.ts";
export type { RttHistogram } from "./lib/measurements.ts";
export { Monitor, type MonitorParts, type MonitorStatistics } from "./lib/monitor.ts";
export type { SavedStates } from "./lib/saved_states.ts";
export type { MonitorObserver } from "./lib/observer.ts";
export type { MonitorOptions } from "./lib/options.ts";
export type { IntervalOptions } from "./lib/schedule_options.ts";
export type { State } from "./lib/state.ts";
export type { StormOptions } from "./lib/storm.ts";
export { type Prober, SupervisedChecker, type TargetCheck } from "./lib/supervised_checker.ts";
export type { MonitorTarget, MonitorTargetOptions, TargetOptions } from "./lib/target.ts";
export { InvalidTargetsError, TargetsOutOfRangeError } from "./lib/target_errors.ts";
export type { Maintenance, TargetState, WitnessState } from "./lib/target_state.ts";
export type { TroubleOptions } from "./lib/trouble.ts";
export type { FlapOptions, VerdictOptions, WindowOptions } from "./lib/verdict_options.ts";

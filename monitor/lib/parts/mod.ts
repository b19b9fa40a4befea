/**
 * Parts of a monitor for a program that gets the states of targets from other programs: a broadcast of events, storm
 * detection, the names of a target's options and some defaults, the sinks of a configuration, saved states, and time
 * slices for long work.
 *
 * @module
 */

export { SinkSet } from "../agent/sink_set.ts";
export type { SinkHost } from "../agent/open_sink.ts";
export type { SinkStatus } from "../agent/view.ts";
export type {
  AgentCheckConfiguration,
  AlertmanagerConfiguration,
  ExecConfiguration,
  SinkConfiguration,
  WebhookConfiguration,
} from "../config/configuration.ts";
export { withOverrides } from "../config/overrides.ts";
export { attemptReload } from "../agent/attempt_reload.ts";
export { assertReloadable } from "../agent/reloadable.ts";
export type { Unnumbered, UnnumberedEvent } from "../event.ts";
export { EventReader, EventStream } from "../event_stream.ts";
export type { SinkStatistics, StateSource } from "../sinks/sink.ts";
export { SavedStates } from "../saved_states.ts";
export type { StormChange, StormOptions } from "../storm.ts";
export { DEFAULT_SPREAD } from "../options.ts";
export { DEFAULT_INTERVAL } from "../schedule_options.ts";
export { OPTION_NAMES } from "../target.ts";
export { DEFAULT_VERDICT, type ResolvedVerdictOptions } from "../verdict_options.ts";
export { type GroupStormChange, Storms, type StormTarget } from "../storms.ts";
export { runInTimeSlices } from "../time_slices.ts";

/**
 * A monitor of TCP ports: one verdict a target, for 100,000 targets.
 *
 * @module
 */

export type { IntervalOptions } from "./lib/schedule_options.ts";
export type { State } from "./lib/state.ts";
export type { FlapOptions, VerdictOptions, WindowOptions } from "./lib/verdict_options.ts";

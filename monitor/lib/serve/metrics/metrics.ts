/** The response to /metrics, which is collected in slices, so that a scrape delays no check. */

import type { AgentView } from "../../agent/view.ts";
import { yieldToEventLoop } from "../../time_slices.ts";
import type { Piece } from "../http/reply.ts";
import { agentMetrics } from "./agent_metrics.ts";
import { checkMetrics } from "./check_metrics.ts";
import { GroupMetrics } from "./group_metrics.ts";
import { historyMetrics } from "./history_metrics.ts";
import { processMetrics } from "./process_metrics.ts";
import { TargetMetrics } from "./target_metrics.ts";
import type { UptimeCache } from "../context/uptime_cache.ts";

/** Number of targets per slice, which takes a few ms. */
const SLICE_TARGETS = 1000;

/**
 * Collects all metrics.
 *
 * @param agent The agent.
 * @param uptimes The uptime of all targets.
 * @param group The group of the targets; all groups by default.
 * @returns The page, in pieces.
 */
export async function collectMetrics(agent: AgentView, uptimes: UptimeCache, group?: string): Promise<Piece[]> {
  const targets = new TargetMetrics(uptimes.ratios());
  const groups = new GroupMetrics();
  for (const slice of slices(agent.monitor.states(), SLICE_TARGETS)) {
    const wanted = group === undefined ? slice : slice.filter((state) => state.group === group);
    targets.add(wanted);
    for (const state of wanted) groups.add(state);
    await yieldToEventLoop();
  }
  const statistics = agent.monitor.statistics?.();
  const { reloadStatus } = agent;
  return [
    ...targets.pieces(),
    ...groups.texts(statistics?.rtt),
    ...statistics === undefined ? [] : checkMetrics(statistics),
    ...agentMetrics({ reloadStatus, lists: agent.lists(), sinks: agent.sinks() }),
    ...agent.history === undefined ? [] : historyMetrics(agent.history.status()),
    ...agent.metrics?.() ?? [],
    ...processMetrics(),
  ];
}

function* slices<T>(items: Iterable<T>, size: number): Generator<T[], void> {
  let slice: T[] = [];
  for (const item of items) {
    slice.push(item);
    if (slice.length < size) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

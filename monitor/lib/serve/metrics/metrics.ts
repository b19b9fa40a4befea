/** The page /metrics: collects it in slices, so that no check is late for a scrape. */

import type { AgentView } from "../../agent/view.ts";
import { agentMetrics } from "./agent_metrics.ts";
import { GroupMetrics } from "./group_metrics.ts";
import { processMetrics } from "./process_metrics.ts";
import { TargetMetrics } from "./target_metrics.ts";

/** Targets between two turns of the event loop: some ms. */
const SLICE_TARGETS = 1000;

/**
 * Collects all metrics.
 *
 * @param agent The agent.
 * @param group The group whose targets are wanted; all if it is absent.
 * @returns The texts of the families, in order.
 */
export async function collectMetrics(agent: AgentView, group?: string): Promise<string[]> {
  const targets = new TargetMetrics();
  const groups = new GroupMetrics();
  let slice = 0;
  for (const state of agent.monitor.states()) {
    if (group !== undefined && state.group !== group) continue;
    targets.add(state);
    groups.add(state);
    if (++slice % SLICE_TARGETS === 0) await nextTurn();
  }
  const statistics = agent.monitor.statistics();
  const { reloadStatus } = agent;
  return [
    ...targets.texts(),
    ...groups.texts(statistics.rtt),
    ...agentMetrics({ monitor: statistics, reloadStatus, lists: agent.lists(), sinks: agent.sinks() }),
    ...processMetrics(),
  ].filter((text) => text !== "");
}

/** Lets timers and I/O of the event loop have their turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

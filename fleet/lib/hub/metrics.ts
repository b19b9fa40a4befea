/** Metrics of a hub. */

import { Family, labelText, prefixedSample } from "@tcp-shaker/monitor/exposition";
import { listInfo } from "../list/list_info.ts";
import type { FleetStates } from "./fleet_states.ts";

/** Values of the metrics. */
export interface HubMetrics {
  readonly states: FleetStates;
  /** Whether the hub is connected to the servers. */
  readonly isConnected: boolean;
  /** Whether the hub sends the notifications. */
  readonly isNotifier: boolean;
  /** The digest of the target list. */
  readonly list: string | undefined;
}

/** Formats the metric families of a hub. */
export function hubMetrics({ states, isConnected, isNotifier, list }: HubMetrics): string[] {
  const agents = new Family("tcp_checker_fleet_agent_targets", "gauge", "Targets of each present agent.");
  for (const { name, lease } of states.state.agents.values()) {
    agents.add(lease.targets, labelText([["agent", name], ["zone", lease.zone]]));
  }
  return [
    prefixedSample("fleet_connected", "gauge", "Whether the hub is connected to NATS.", Number(isConnected)),
    prefixedSample("fleet_notifier", "gauge", "Whether this hub sends the notifications.", Number(isNotifier)),
    prefixedSample("fleet_agents", "gauge", "Present agents.", states.state.agents.size),
    agents.text(),
    listInfo(list),
    prefixedSample(
      "fleet_disagreements",
      "gauge",
      "Targets on which witnesses disagree.",
      states.disagreements,
    ),
    prefixedSample(
      "fleet_malformed_messages_total",
      "counter",
      "Malformed messages, which were ignored.",
      states.malformed,
    ),
  ];
}

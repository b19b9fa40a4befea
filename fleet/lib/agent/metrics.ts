/** Metrics of an agent of a fleet. */

import { Family, labelText, singleSample } from "@tcp-shaker/monitor/exposition";
import { listInfo } from "../list/list_info.ts";
import type { FleetAgentStatus } from "./agent.ts";

/**
 * Writes the metrics of an agent in Prometheus' text format.
 *
 * @param status The state of the agent.
 * @returns The families.
 */
export function agentMetrics(status: FleetAgentStatus): string[] {
  const gauge = (name: string, help: string, value: number) =>
    singleSample(`tcp_checker_fleet_${name}`, "gauge", help, value);
  const dropped = new Family(
    "tcp_checker_fleet_outbox_dropped_total",
    "counter",
    "Events and batches of minutes that were dropped, because the outbox was full.",
  );
  dropped.add(status.droppedEvents, labelText([["kind", "event"]]));
  dropped.add(status.droppedMinutes, labelText([["kind", "minutes"]]));
  return [
    gauge("connected", "Whether the agent has a connection to a server.", Number(status.isConnected)),
    gauge("present", "Whether the lease of the agent lasts.", Number(status.isPresent)),
    gauge("epoch", "How often the lease has begun.", status.epoch),
    gauge("agents", "Agents that share the targets.", status.agents),
    gauge("outbox_messages", "Messages that the server has not stored yet.", status.waiting),
    gauge("outbox_bytes", "Bytes of the messages that the server has not stored yet.", status.waitingBytes),
    gauge(
      "outbox_failing",
      "Whether the outbox can't be written, or the server stores nothing.",
      Number(
        status.problem !== undefined,
      ),
    ),
    dropped.text(),
    listInfo(status.list),
  ];
}

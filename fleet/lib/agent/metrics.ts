/** Metrics of an agent of a fleet. */

import { Family, labelText, singleSample } from "@tcp-shaker/monitor/exposition";
import { listInfo } from "../list/list_info.ts";
import type { FleetAgentStatus } from "./agent.ts";

/**
 * Formats the metrics of an agent in Prometheus' text format.
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
    gauge("present", "Whether the agent holds its lease.", Number(status.isPresent)),
    gauge("epoch", "Epoch of the reports: how often the agent has acquired its lease.", status.epoch),
    gauge("agents", "Agents that share the targets.", status.agents),
    gauge("outbox_messages", "Messages in the outbox.", status.waiting),
    gauge("outbox_bytes", "Bytes of the messages in the outbox.", status.waitingBytes),
    gauge(
      "outbox_failing",
      "Whether the outbox can't be written, or the server does not store messages.",
      Number(
        status.problem !== undefined,
      ),
    ),
    dropped.text(),
    listInfo(status.list),
  ];
}

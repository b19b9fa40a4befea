/**
 * Agent of a fleet: a monitor of the targets that are assigned to it.
 *
 * ```ts ignore
 * import { FleetAgent } from "@tcp-shaker/fleet/agent";
 *
 * await using agent = await FleetAgent.start({
 *   connection: { servers: ["nats://192.0.2.1:4222"] },
 *   name: "edge-1",
 *   zone: "eu",
 *   outbox: "outbox.db",
 * });
 * for await (const event of agent.monitor.events()) console.log(event.type);
 * ```
 *
 * @module
 */

export type { ConnectOptions } from "../connect.ts";
export { FleetAgent, type FleetAgentOptions, type FleetAgentStatus } from "./agent.ts";
export { agentMetrics } from "./metrics.ts";
export type { OutboxLimits } from "./outbox.ts";

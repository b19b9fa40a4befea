/**
 * HTTP server of an agent: metrics, health, reload, reports and maintenance.
 *
 * ```ts ignore
 * import { Agent } from "@tcp-shaker/monitor/agent";
 * import { startServer } from "@tcp-shaker/monitor/serve";
 *
 * await using agent = await Agent.start({ source: "agent.yml", listen: "127.0.0.1:9116", startServer });
 * await agent.finished;
 * ```
 *
 * @module
 */

export type { SinkStatistics } from "../sinks/sink.ts";
export type { AgentServer, AgentView, MonitorView, ReloadStatus, SinkStatus, StartServer } from "../agent/view.ts";
export type { ListStatus } from "../lists/list_status.ts";
export { isLoopback, startServer } from "./server.ts";

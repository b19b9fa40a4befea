/**
 * Monitoring agent: a configuration file, target lists, a monitor, sinks and an HTTP server in one process.
 *
 * ```ts ignore
 * import { Agent } from "@tcp-shaker/monitor/agent";
 *
 * await using agent = await Agent.start({ source: "agent.yml", onMessage: console.error });
 * Deno.addSignalListener("SIGHUP", () => agent.reload());
 * await agent.finished;
 * ```
 *
 * @module
 */

export { readConfiguration } from "../config/mod.ts";
export { checkConfiguration } from "./check_configuration.ts";
export type { Configuration, ConfigurationHost } from "../config/mod.ts";
export { ConfigurationError, type ConfigurationProblem, problemLine } from "../config/problem.ts";
export type { AgentOptions } from "./options.ts";
export { Agent } from "./agent.ts";
export type { AgentServer, AgentView, MonitorView, ReloadStatus, SinkStatus, StartServer } from "./view.ts";
export type { ListStatus } from "../lists/list_status.ts";

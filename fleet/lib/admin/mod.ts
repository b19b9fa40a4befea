/**
 * Administration of a fleet: target lists, the state of agents, and the configuration of NATS servers.
 *
 * ```ts ignore
 * import { FleetAdmin, listed } from "@tcp-shaker/fleet/admin";
 *
 * await using admin = await FleetAdmin.connect({ servers: ["nats://127.0.0.1:4222"], name: "admin" });
 * await admin.setUp();
 * const plan = await admin.plan({ targets: [listed("192.0.2.1:443")], monitor: {}, vote: {} });
 * console.log(plan.difference);
 * await plan.apply();
 * ```
 *
 * @module
 */

export type {
  CheckTarget,
  FlapOptions,
  HostPort,
  IntervalOptions,
  MonitorTarget,
  MonitorTargetOptions,
  TargetOptions,
  VerdictOptions,
  WindowOptions,
} from "@tcp-shaker/monitor";
export type { ConnectOptions } from "../connect.ts";
export type { ListDifference } from "../list/difference.ts";
export { ListError } from "../list/list_error.ts";
export type { TargetList } from "../list/plan.ts";
export { listed, type ListedTarget } from "../list/target_line.ts";
export { createKeys, isPublicKey, type KeyPair, publicKeyOf } from "../security/keys.ts";
export { type ClusterOptions, type FleetUser, natsConfig, type NatsConfigOptions } from "../security/nats_config.ts";
export type { SetupOptions } from "../setup.ts";
export type { Dissent, FleetVerdict } from "../vote/verdict.ts";
export type { VoteOptions } from "../vote_options.ts";
export { type AppliedList, FleetAdmin, type PlannedList } from "./fleet_admin.ts";
export type { AgentStatus, FleetStatus, TargetStatus } from "./status.ts";

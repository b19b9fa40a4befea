/**
 * Hub of a fleet: collects the reports of all agents, computes one verdict per target, serves and notifies.
 *
 * @module
 */

export { Hub, type HubOptions } from "./hub.ts";
export type { ConnectOptions } from "../connect.ts";

/**
 * Hub of a fleet: collects the reports of all agents, computes one verdict per target, serves the verdicts and sends
 * notifications.
 *
 * @module
 */

export type { HubOptions } from "./options.ts";
export { Hub } from "./hub.ts";
export type { ConnectOptions } from "../connect.ts";

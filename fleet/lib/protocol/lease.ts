/**
 * Leases of agents and hubs: messages under the keys `agent.NAME` and `hub.NAME`, which their owners renew.
 *
 * A lease expires by the stream's clock, the server's timestamp of the latest message. So all readers of the same
 * messages see the same leases expire, hosts' clocks don't matter, and the clock of a disconnected reader does not
 * advance. Hubs renew leases, too, so that the clock advances without agents.
 */

import { boolean, type InferOutput, literal, maxValue, minValue, nullable, object, optional, pipe } from "valibot";
import { decode } from "./codec.ts";
import { boot, count, digest, ms, name, text } from "./fields.ts";
import { MAX_LEASE, MIN_LEASE } from "./limits.ts";
import type { Malformed } from "./malformed.ts";

const lease = pipe(ms, minValue(MIN_LEASE), maxValue(MAX_LEASE));

const schema = object({
  /** The agent's zone. */
  zone: name,
  /** The boot id of the process. */
  boot,
  /**
   * Starts at 1 in each process, and is incremented each time the agent's lease has expired. Reports of another epoch
   * don't count, because they are outdated after a pause of the process.
   */
  epoch: pipe(count, minValue(1)),
  /** Duration of the lease in ms. */
  lease,
  /** The version of the software. */
  version: text,
  /** Digest of the agent's manifest; `null` before the first. */
  list: nullable(digest),
  /** The number of targets that the agent checks. */
  targets: count,
  /** Set in the last message of an agent that ends, which ends the lease at once. */
  left: optional(literal(true)),
});

/** The lease of an agent. */
export type AgentLease = InferOutput<typeof schema>;

/** Parses the lease of an agent. */
export function parseAgentLease(data: Uint8Array): AgentLease | Malformed {
  return decode(schema, data);
}

const hubSchema = object({
  boot,
  lease,
  version: text,
  /** Whether the hub holds the notifier's lease. */
  notifier: boolean(),
  left: optional(literal(true)),
});

/** The lease of a hub. */
export type HubLease = InferOutput<typeof hubSchema>;

/** Parses the lease of a hub. */
export function parseHubLease(data: Uint8Array): HubLease | Malformed {
  return decode(hubSchema, data);
}

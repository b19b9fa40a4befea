/** The option `--lease` of agents and hubs. */

import { UsageError } from "../usage_error.ts";

/** Bounds of a lease, in ms. */
const LEASES = { min: 1000, max: 60_000 };

/**
 * Rejects a lease that readers would not accept.
 *
 * @param lease The lease, in ms; absent if it isn't given.
 * @throws {UsageError} If the lease is out of range.
 */
export function requireLease(lease: number | undefined): void {
  if (lease !== undefined && (lease < LEASES.min || lease > LEASES.max)) {
    throw new UsageError(`--lease ${lease / 1000}s is out of range: use 1s to 60s`);
  }
}

/** Lease of a hub: shows that the hub is present, and advances the stream's clock when no agent is present. */

import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { encode } from "../protocol/codec.ts";
import { type HubLease, parseHubLease } from "../protocol/lease.ts";
import { Malformed } from "../protocol/malformed.ts";
import { hubKey, STATE_BUCKET } from "../protocol/subjects.ts";
import { Lease, waitMessage } from "../session/lease.ts";

/** Content of the lease. */
export interface HubLeaseOptions {
  readonly hub: string;
  readonly boot: string;
  readonly version: string;
  /** Duration of the lease, in ms. */
  readonly lease: number;
  /** Returns whether the hub sends the notifications. */
  readonly isNotifier: () => boolean;
  /** Called with a message for the log. */
  readonly onMessage: (message: string) => void;
}

/**
 * Holds the lease until the signal aborts.
 *
 * @param connection The connection.
 * @param options The content of the lease.
 * @param signal The signal.
 * @throws {Error} If another hub with the same name takes the lease, or the server doesn't answer.
 */
export async function holdHubLease(
  connection: NatsConnection,
  { hub, boot, version, lease: duration, isNotifier, onMessage }: HubLeaseOptions,
  signal: AbortSignal,
): Promise<void> {
  const value = (): HubLease => ({ boot, lease: duration, version, notifier: isNotifier() });
  const lease = await Lease.take({
    jetstream: jetstream(connection),
    manager: await jetstreamManager(connection),
    bucket: STATE_BUCKET,
    key: hubKey(hub),
    duration,
    value: () => encode(value()),
    released: () => encode({ ...value(), notifier: false, left: true }),
    durationOf: (data) => {
      const last = parseHubLease(data);
      return last instanceof Malformed || last.left || last.boot === boot ? 0 : last.lease;
    },
    onWait: (isRenewed) => onMessage(waitMessage("hub", hub, isRenewed)),
  }, signal);
  try {
    await lease.keep(signal);
  } finally {
    await lease.release().catch(() => {});
  }
}

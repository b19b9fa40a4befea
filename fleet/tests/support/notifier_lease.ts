/** The notifier's lease, as the server stores it. */

import { Malformed } from "../../lib/protocol/malformed.ts";
import { parseNotifierLease } from "../../lib/protocol/notifier.ts";
import { bucketStream, HUBS_BUCKET, keySubject, NOTIFIER_KEY } from "../../lib/protocol/subjects.ts";
import type { TestFleet } from "./fleet.ts";

/** The last message of the lease. */
export interface StoredLease {
  readonly hub: string;
  /** Duration of the lease in ms. */
  readonly duration: number;
  readonly sequence: number;
  /** When the server stored it, in ms since 1970. */
  readonly time: number;
}

/** Returns a function that reads the lease. It returns `undefined` if no hub has ever held it. */
export async function leaseReader(fleet: TestFleet): Promise<() => Promise<StoredLease | undefined>> {
  const { manager } = await fleet.jetstream();
  const query = { last_by_subj: keySubject(HUBS_BUCKET, NOTIFIER_KEY) };
  return async () => {
    const message = await manager.direct.getMessage(bucketStream(HUBS_BUCKET), query);
    if (message === null) return undefined;
    const lease = parseNotifierLease(message.data);
    if (lease instanceof Malformed) throw new Error(lease.problem);
    return { hub: lease.hub, duration: lease.lease, sequence: message.seq, time: message.time.getTime() };
  };
}

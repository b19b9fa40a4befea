/** Watch of the list in force, without a consumer. */

import type { NatsConnection } from "@nats-io/nats-core";
import { CURRENT_KEY, LIST_BUCKET, republished } from "../protocol/subjects.ts";
import { ListError } from "./list_error.ts";
import { type InForce, ListStore } from "./store.ts";

/** How often the key is read although no message has come, in ms: a message of the server may be lost. */
const READ_EVERY = 30_000;
/** How long after a read that failed it is tried again, in ms. */
const RETRY_AFTER = 1_000;

/**
 * Yields the list in force, and each one that follows. The server's messages only say when to read: the key is read anew
 * after each, after a lost connection, and every 30 s. Of lists that follow each other at once, only the last may come.
 *
 * @param connection The connection.
 * @param signal Ends the watch.
 * @param after The revision that is known already.
 * @throws {ListError} If the key is malformed.
 */
export async function* watchCurrent(
  connection: NatsConnection,
  signal: AbortSignal,
  after = 0,
): AsyncGenerator<InForce> {
  const store = await ListStore.open(connection);
  let due = Promise.withResolvers<void>();
  const wake = () => due.resolve();
  const subscription = connection.subscribe(republished(LIST_BUCKET, CURRENT_KEY), { callback: wake });
  let retry: ReturnType<typeof setTimeout> | undefined;
  const timer = setInterval(wake, READ_EVERY);
  signal.addEventListener("abort", wake, { once: true });
  void onReconnect(connection, signal, wake);
  try {
    for (let last = after; !signal.aborted;) {
      // Renewed before the read, so that what comes during it leads to another one.
      due = Promise.withResolvers();
      const found = await store.current().catch((error) => {
        if (error instanceof ListError || connection.isClosed() && !signal.aborted) throw error;
        // No server has answered.
        retry = setTimeout(wake, RETRY_AFTER);
        return undefined;
      });
      if (found !== undefined && found.revision > last) {
        last = found.revision;
        yield found;
      }
      if (!signal.aborted) await due.promise;
      clearTimeout(retry);
    }
  } finally {
    clearInterval(timer);
    clearTimeout(retry);
    signal.removeEventListener("abort", wake);
    subscription.unsubscribe();
  }
}

async function onReconnect(connection: NatsConnection, signal: AbortSignal, act: () => void): Promise<void> {
  for await (const { type } of connection.status()) {
    if (signal.aborted) return;
    if (type === "reconnect") act();
  }
}

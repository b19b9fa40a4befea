/** Publisher of the outbox: publishes one message at a time, to keep the order. */

import { JetStreamApiError, type JetStreamClient } from "@nats-io/jetstream";
import { digestOf } from "../list/digest.ts";
import { pause } from "../session/pause.ts";
import type { Outbox } from "./outbox.ts";

/** How long the server has for an acknowledgment, in ms. */
const TIMEOUT = 5000;
/** The pause after a message that was not stored, and while the outbox is empty, in ms. */
const RETRY_AFTER = 1000;
const IDLE = 100;
/** The server's codes for messages that it rejects permanently. */
const REFUSED = new Set([
  // The message exceeds the stream's maximum size.
  10054,
]);

/**
 * Publishes the messages of the outbox until the signal aborts. A message is removed when the server has stored it, and
 * retried if the server can't store it now, as on a full disk.
 *
 * @param outbox The outbox.
 * @param jetstream The client.
 * @param signal Ends it.
 * @param onProblem Called with the reason why a message was not stored; with `undefined` after a message was stored.
 * @param endsEmpty Whether to end as soon as the outbox is empty.
 */
export async function publishOutbox(
  outbox: Outbox,
  jetstream: JetStreamClient,
  signal: AbortSignal,
  onProblem: (problem: string | undefined) => void,
  endsEmpty = false,
): Promise<void> {
  while (!signal.aborted) {
    const [message] = outbox.oldest(1);
    if (message === undefined) {
      if (endsEmpty) return;
      await pause(IDLE, signal);
      continue;
    }
    try {
      // The id lets the server drop the duplicate of a message whose acknowledgment was lost.
      const msgID = await digestOf(new Uint8Array(message.body));
      await jetstream.publish(message.subject, message.body, { msgID, timeout: TIMEOUT });
      outbox.remove(message);
      onProblem(undefined);
    } catch (error) {
      if (signal.aborted) return;
      onProblem((error as Error).message);
      if (error instanceof JetStreamApiError && REFUSED.has(error.code)) outbox.drop(message);
      else await pause(RETRY_AFTER, signal);
    }
  }
}

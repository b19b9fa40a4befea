/** Pump of the outbox: publishes one message after the other, so that their order stays. */

import { JetStreamApiError, type JetStreamClient } from "@nats-io/jetstream";
import { digestOf } from "../list/digest.ts";
import { pause } from "../session/pause.ts";
import type { Outbox } from "./outbox.ts";

/** How long the server has for an acknowledgment, in ms. */
const TIMEOUT = 5000;
/** The pause after a message that was not stored, in ms, and while there is none. */
const RETRY_AFTER = 1000;
const IDLE = 100;
/** The server's codes for messages that it will never store. */
const REFUSED = new Set([
  // The message is larger than the stream allows.
  10054,
]);

/**
 * Publishes what the outbox has, until the signal aborts. A message is removed when the server has stored it. What the
 * server can't store now, as on a full disk, is tried again.
 *
 * @param outbox The outbox.
 * @param jetstream The client.
 * @param signal Ends it.
 * @param onProblem Takes the reason of a message that was not stored; `undefined` when one was.
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
      // The server drops a message whose acknowledgment was lost when it comes again: equal bodies are one message.
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

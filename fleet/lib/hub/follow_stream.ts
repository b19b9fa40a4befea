/** Follower of a stream: reads stored messages, then each new one, in order. */

import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";

/** A message of a stream. */
export interface StreamMessage {
  readonly subject: string;
  /** The body; `undefined` if the key of a bucket was deleted. */
  readonly data: Uint8Array | undefined;
  /** When the server stored it, in ms since 1970. */
  readonly time: number;
  /** The message's sequence in the stream. */
  readonly sequence: number;
  /** The number of later messages when the server sent this one. */
  readonly pending: number;
}

/** Options of {@linkcode followStream}. */
export interface FollowOptions {
  readonly stream: string;
  /**
   * `"last"`: start with the last message of each subject. A number: start at this sequence, or at the first later
   * message that the stream still has. If the sequence is beyond the stream's end, the stream was recreated, and all
   * messages are read.
   */
  readonly from: "last" | number;
  /** Called with each message. The next call waits for the promise. */
  readonly take: (message: StreamMessage) => void | Promise<void>;
  /** Called once, when all messages stored before the start were read. */
  readonly caughtUp?: () => void;
}

/** Chooses the first message of a consumer. */
async function startAt(connection: NatsConnection, stream: string, from: FollowOptions["from"]) {
  if (from === "last") return { deliver_policy: DeliverPolicy.LastPerSubject };
  if (from > await lastSequence(connection, stream) + 1) return { deliver_policy: DeliverPolicy.All };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
}

/**
 * Reads the sequence of the last message of a stream; 0 if it never had one.
 *
 * @param connection The connection, with the permissions of a hub.
 * @param stream The stream.
 */
export async function lastSequence(connection: NatsConnection, stream: string): Promise<number> {
  const { state } = await (await jetstreamManager(connection)).streams.info(stream);
  return state.last_seq;
}

/**
 * Follows a stream until the signal aborts.
 *
 * @param connection The connection, with the permissions of a hub.
 * @param options The stream, and the callbacks.
 * @param signal The signal.
 * @throws {Error} If the server rejects a request, or doesn't answer.
 */
export async function followStream(
  connection: NatsConnection,
  { stream, from, take, caughtUp = () => {} }: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  const consumer = await jetstream(connection).consumers.get(stream, await startAt(connection, stream, from));
  const { num_pending: stored } = await consumer.info();
  const messages = await consumer.consume();
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  let isCaughtUp = stored === 0;
  if (isCaughtUp) caughtUp();
  try {
    for await (const { subject, data, headers, time, seq, info } of messages) {
      if (signal.aborted) return;
      const isDeleted = headers !== undefined && headers.get("KV-Operation") !== "";
      const { pending } = info;
      await take({ subject, data: isDeleted ? undefined : data, time: time.getTime(), sequence: seq, pending });
      if (isCaughtUp || pending > 0) continue;
      isCaughtUp = true;
      caughtUp();
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Follower of the target list in force, without a consumer. */

import type { NatsConnection } from "@nats-io/nats-core";
import type { Manifest } from "../protocol/list.ts";
import { isLost, isUnavailable } from "../nats/error_kinds.ts";
import { CURRENT_KEY, LIST_BUCKET, republished } from "../protocol/subjects.ts";
import { ListStore } from "./store.ts";

/** Interval of reads without a message, in ms, because messages may be lost. */
const READ_EVERY = 30_000;
/** First delay of a retry after a failed read, in ms. It doubles each time, up to {@linkcode READ_EVERY}. */
const RETRY_AFTER = 1_000;

/** The target list in force. */
export interface ListInForce {
  readonly digest: string;
  readonly manifest: Manifest;
}

/** Callbacks of {@linkcode followList}. */
export interface ListFollower {
  /** Applies a list. The next call waits for the promise. If it rejects, the list is read again. */
  readonly take: (list: ListInForce, store: ListStore) => void | Promise<void>;
  /** Called once with the reason why a list can't be read or applied. The previous list stays in force. */
  readonly onProblem: (error: Error) => void;
  /** Called after each read with a known outcome: a list, no list, or a list that can't be applied. */
  readonly onRead?: () => void;
}

/**
 * Follows the list in force until the signal aborts. The key is read every 30 s, and after each message of the server,
 * which only triggers a read. Of lists in quick succession, perhaps only the last is applied.
 *
 * A malformed or incomplete list must not end the session, because an agent would lose its lease. It is read again,
 * because a part may be missing only on the server that answered. The same applies if the stream is unavailable. That
 * is reported only after another read, because on a server without a fleet the session ends before.
 *
 * @param connection The connection.
 * @param follower The callbacks.
 * @param signal Ends it.
 * @throws {Error} If the connection is lost.
 */
export async function followList(
  connection: NatsConnection,
  { take, onProblem, onRead = () => {} }: ListFollower,
  signal: AbortSignal,
): Promise<void> {
  const store = await ListStore.open(connection);
  let due = Promise.withResolvers<void>();
  const wake = () => due.resolve();
  const subscription = connection.subscribe(republished(LIST_BUCKET, CURRENT_KEY), { callback: wake });
  let retry: ReturnType<typeof setTimeout> | undefined;
  const timer = setInterval(wake, READ_EVERY);
  signal.addEventListener("abort", wake, { once: true });
  let [last, wait]: [number, number] = [0, RETRY_AFTER];
  let problem: string | undefined;
  try {
    while (!signal.aborted) {
      // Replaced before the read, so that a message during the read triggers another read.
      due = Promise.withResolvers();
      let isKnown = true;
      try {
        last = await takeNewer(store, last, take);
        [problem, wait] = [undefined, RETRY_AFTER];
      } catch (error) {
        if (signal.aborted) return;
        if (isLost(error)) throw error;
        const { message } = error as Error;
        isKnown = !isUnavailable(error as Error) || wait > RETRY_AFTER;
        if (isKnown && message !== problem) {
          onProblem(error as Error);
          problem = message;
        }
        retry = setTimeout(wake, wait);
        wait = Math.min(2 * wait, READ_EVERY);
      }
      if (isKnown) onRead();
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

/** Applies the list in force if it is newer than a revision, and returns its revision. */
async function takeNewer(store: ListStore, last: number, take: ListFollower["take"]): Promise<number> {
  const found = await store.current();
  if (found === undefined || found.revision <= last) return last;
  const { current: { digest }, revision } = found;
  await take({ digest, manifest: await store.manifest(digest) }, store);
  return revision;
}

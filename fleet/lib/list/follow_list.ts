/** Follower of the target list in force, without a consumer. */

import type { NatsConnection } from "@nats-io/nats-core";
import type { Manifest } from "../protocol/list.ts";
import { isLost, isUnavailable } from "../nats/error_kinds.ts";
import { CURRENT_KEY, LIST_BUCKET, republished } from "../protocol/subjects.ts";
import { ListStore } from "./store.ts";

/** How often the key is read although no message has come, in ms: a message of the server may be lost. */
const READ_EVERY = 30_000;
/** How long after a read that failed it is tried again, in ms: twice as long each time, up to the time above. */
const RETRY_AFTER = 1_000;

/** A list in force. */
export interface ListInForce {
  readonly digest: string;
  readonly manifest: Manifest;
}

/** What takes the lists. */
export interface ListFollower {
  /** Takes a list; the next one waits for its promise. If it fails, the list is read again. */
  readonly take: (list: ListInForce, store: ListStore) => void | Promise<void>;
  /** Takes the reason why a list can't be taken, once. The list before stays in force for the reader. */
  readonly onProblem: (error: Error) => void;
  /** Called after each read whose outcome is known: a list, none, or one that can't be taken. */
  readonly onRead?: () => void;
}

/**
 * Follows the list in force until the signal aborts. The server's messages only tell when to read: the key is read
 * again after each message, and every 30 s. Of lists that follow each other at once, only the last may be taken.
 *
 * A list that is malformed, or of which a part is missing, must not end the session: an agent would lose its lease. It is
 * read again, because a part may be missing only on the server of a cluster that has answered. So is a list whose stream
 * is not available. That is a problem only after another read: on a server without a fleet the session ends before.
 *
 * @param connection The connection.
 * @param follower What takes the lists.
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
      // Renewed before the read, so that what comes during it leads to another one.
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

/** Takes the list in force, if it is newer than a revision; returns its revision. */
async function takeNewer(store: ListStore, last: number, take: ListFollower["take"]): Promise<number> {
  const found = await store.current();
  if (found === undefined || found.revision <= last) return last;
  const { current: { digest }, revision } = found;
  await take({ digest, manifest: await store.manifest(digest) }, store);
  return revision;
}

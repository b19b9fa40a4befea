/** Session of an agent: all that it does on one connection. */

import { jetstream, type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { ListStore } from "../list/store.ts";
import { watchCurrent } from "../list/watch_current.ts";
import { keySubject, STATE_BUCKET, wordsKey } from "../protocol/subjects.ts";
import { pause } from "../session/pause.ts";
import { together } from "../session/together.ts";
import { AgentsReader } from "./agents.ts";
import type { Assigner } from "./assigner.ts";
import type { Outbox } from "./outbox.ts";
import type { AgentPresence } from "./presence.ts";
import { pumpOutbox } from "./pump.ts";
import type { Words } from "./words.ts";

/** The parts of an agent that outlast a session. */
export interface SessionParts {
  readonly name: string;
  readonly presence: AgentPresence;
  readonly assigner: Assigner;
  readonly words: Words;
  readonly outbox: Outbox;
  /** Takes the reason why messages of the outbox are not stored; `undefined` when one was. */
  readonly onProblem: (problem: string | undefined) => void;
}

/** How often words are published, in ms. */
const PUBLISH_EVERY = 200;
/** Slices of words that are published at the same time. */
const SLICES_AT_ONCE = 16;
/** How long the server has for an acknowledgment, in ms. */
const TIMEOUT = 5000;

/**
 * Runs a session until the signal aborts.
 *
 * @param parts The parts of the agent.
 * @param connection The connection.
 * @param signal Ends it.
 * @throws {Error} If the lease is lost, or the server does not answer.
 */
export async function runSession(parts: SessionParts, connection: NatsConnection, signal: AbortSignal): Promise<void> {
  const { presence, assigner, outbox, onProblem } = parts;
  // The account's API is closed to agents.
  const client = jetstream(connection, { checkAPI: false });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const lease = await presence.take(client, manager, signal);
  const agents = new AgentsReader((agents) => assigner.setAgents(agents));
  await together(signal, [
    (signal) => lease.keep(signal),
    (signal) => agents.follow(connection, manager, signal),
    (signal) => followList(assigner, connection, signal),
    (signal) => publishWords(parts, client, signal),
    (signal) => pumpOutbox(outbox, client, signal, onProblem),
  ]);
}

/**
 * Takes leave of the fleet: sends what waits, as far as there is time for it, and gives up the lease.
 *
 * @param parts The parts of the agent.
 * @param connection The connection.
 * @param timeout How long it may take, in ms.
 */
export async function leave({ presence, outbox }: SessionParts, connection: NatsConnection, timeout: number) {
  const timer = AbortSignal.timeout(timeout);
  const client = jetstream(connection, { checkAPI: false });
  await pumpOutbox(outbox, client, timer, () => {}, true);
  await presence.release();
}

async function followList(assigner: Assigner, connection: NatsConnection, signal: AbortSignal): Promise<void> {
  const store = await ListStore.open(connection);
  for await (const { current: { digest } } of watchCurrent(connection, signal)) {
    assigner.setList({ digest, manifest: await store.manifest(digest) }, store);
  }
}

async function publishWords(parts: SessionParts, client: JetStreamClient, signal: AbortSignal): Promise<void> {
  const { words } = parts;
  while (!signal.aborted) {
    const slices = words.changedSlices();
    for (let i = 0; i < slices.length && !signal.aborted; i += SLICES_AT_ONCE) {
      await Promise.all(slices.slice(i, i + SLICES_AT_ONCE).map((slice) => publishSlice(parts, client, slice)));
    }
    await pause(PUBLISH_EVERY, signal);
  }
}

async function publishSlice({ name, presence, words }: SessionParts, client: JetStreamClient, slice: number) {
  // Words of a lapsed lease would not count, and the next epoch publishes all words anew.
  if (!presence.isHeld) return;
  try {
    const { boot, epoch } = presence;
    const data = words.encodeSlice(slice, { boot, epoch });
    await client.publish(keySubject(STATE_BUCKET, wordsKey(name, slice)), data, { timeout: TIMEOUT });
  } catch (error) {
    words.failed(slice);
    throw error;
  }
}

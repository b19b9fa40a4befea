/** Session of an agent: all that it does on one connection. */

import { jetstream, type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { followList } from "../list/follow_list.ts";
import { keySubject, STATE_BUCKET, wordsKey } from "../protocol/subjects.ts";
import { pause } from "../session/pause.ts";
import { together } from "../session/together.ts";
import { AgentsReader } from "./agents.ts";
import type { Assigner } from "./assigner.ts";
import type { Outbox } from "./outbox.ts";
import type { AgentPresence } from "./presence.ts";
import { pumpOutbox } from "./pump.ts";
import type { EncodedSlice, Words } from "./words.ts";

/** The parts of an agent that outlast a session. */
export interface SessionParts {
  readonly name: string;
  readonly presence: AgentPresence;
  readonly assigner: Assigner;
  readonly words: Words;
  readonly outbox: Outbox;
  /** Takes the reason why messages of the outbox are not stored; `undefined` when one was. */
  readonly onProblem: (problem: string | undefined) => void;
  /** Called with messages for the log. */
  readonly onMessage: (message: string) => void;
}

/** How often words that are due are published, in ms. */
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
 * @param onPresent Called when the agent has its lease.
 * @throws {Error} If the lease is lost, or the server does not answer.
 */
export async function runSession(
  parts: SessionParts,
  connection: NatsConnection,
  signal: AbortSignal,
  onPresent: () => void,
): Promise<void> {
  const { presence, assigner, outbox, onProblem, onMessage } = parts;
  // The account's API is closed to agents.
  const client = jetstream(connection, { checkAPI: false });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const lease = await presence.take(client, manager, signal);
  onPresent();
  const agents = new AgentsReader((agents) => assigner.setAgents(agents));
  await together(signal, [
    (signal) => lease.keep(signal),
    (signal) => agents.follow(connection, manager, signal),
    (signal) =>
      followList(connection, { take: (list, store) => assigner.setList(list, store), onProblem: onMessage }, signal),
    (signal) => publishWords(parts, client, signal),
    (signal) => pumpOutbox(outbox, client, signal, onProblem),
  ]);
}

/**
 * Leaves the fleet: sends queued messages within the time limit, and releases the lease.
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

async function publishWords(parts: SessionParts, client: JetStreamClient, signal: AbortSignal): Promise<void> {
  const { presence, words } = parts;
  while (!signal.aborted) {
    const { boot, epoch, isHeld } = presence;
    // Words of an expired lease would not count, and the next epoch publishes all words again.
    const slices = isHeld ? words.takeSlices(SLICES_AT_ONCE, { boot, epoch }) : [];
    await Promise.all(slices.map((slice) => publishSlice(parts, client, slice)));
    if (slices.length === 0) await pause(PUBLISH_EVERY, signal);
  }
}

async function publishSlice({ name, words }: SessionParts, client: JetStreamClient, { index, data }: EncodedSlice) {
  try {
    await client.publish(keySubject(STATE_BUCKET, wordsKey(name, index)), data, { timeout: TIMEOUT });
  } catch (error) {
    words.failed(index);
    throw error;
  }
}

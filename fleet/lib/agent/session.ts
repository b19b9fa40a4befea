/** Session of an agent: everything that depends on one connection. */

import { jetstream, type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { followList } from "../list/follow_list.ts";
import { ListError } from "../list/list_error.ts";
import { keySubject, reportsKey, STATE_BUCKET } from "../protocol/subjects.ts";
import { pause } from "../session/pause.ts";
import { problemOf } from "../session/problem.ts";
import { runTaskGroup } from "../session/task_group.ts";
import { untilAborted } from "../session/until_aborted.ts";
import { AgentsReader } from "./agents.ts";
import type { Assigner } from "./assigner.ts";
import type { Outbox } from "./outbox.ts";
import type { AgentPresence } from "./presence.ts";
import { publishOutbox } from "./publish_outbox.ts";
import type { EncodedBatch, TargetReports } from "./target_reports.ts";

/** The parts of an agent that outlast a session. */
export interface SessionParts {
  readonly name: string;
  /** The seed of the agent's key; absent without a key. */
  readonly seed?: Uint8Array;
  readonly presence: AgentPresence;
  readonly assigner: Assigner;
  readonly reports: TargetReports;
  readonly outbox: Outbox;
  /** Called with the reason why messages of the outbox are not stored; with `undefined` after one was stored. */
  readonly onProblem: (problem: string | undefined) => void;
  /** Called with messages for the log. */
  readonly onMessage: (message: string) => void;
}

/** Interval at which due reports are published, in ms. */
const PUBLISH_EVERY = 200;
/** Maximum number of concurrent publications. */
const MESSAGES_AT_ONCE = 16;
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
  const { presence, assigner, reports, outbox, onProblem, onMessage } = parts;
  // Agents may not use the account's API.
  const client = jetstream(connection, { checkAPI: false });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const lease = await presence.take(client, manager, signal);
  onPresent();
  const agents = new AgentsReader((agents) => {
    assigner.setAgents(agents);
    reports.setAgents(agents.length);
  });
  const problem = (error: Error) => problemOf(error, connection.getServer(), parts);
  const explain = (error: Error) => {
    throw new ListError(problem(error), { cause: error });
  };
  await runTaskGroup(signal, [
    (signal) => lease.keep(signal),
    (signal) => agents.follow(connection, manager, signal),
    (signal) =>
      followList(connection, {
        take: (list, store) => assigner.setList(list, { chunk: (digest) => store.chunk(digest).catch(explain) }),
        onProblem: (error) => onMessage(`Cannot read the target list: ${problem(error)}`),
      }, signal),
    (signal) => publishReports(parts, client, signal),
    (signal) => publishOutbox(outbox, client, signal, onProblem),
  ]);
}

/**
 * Leaves the fleet: sends queued messages, and releases the lease, each within the time limit.
 *
 * @param parts The parts of the agent.
 * @param connection The connection.
 * @param timeout The time limit, in ms.
 */
export async function leave({ presence, outbox }: SessionParts, connection: NatsConnection, timeout: number) {
  const timer = AbortSignal.timeout(timeout);
  const client = jetstream(connection, { checkAPI: false });
  await untilAborted(publishOutbox(outbox, client, timer, () => {}, true), timer);
  await untilAborted(presence.release(), AbortSignal.timeout(timeout));
}

async function publishReports(parts: SessionParts, client: JetStreamClient, signal: AbortSignal): Promise<void> {
  const { presence, reports } = parts;
  while (!signal.aborted) {
    const { boot, epoch, isHeld } = presence;
    // Reports of an expired lease would not count.
    const batches = isHeld ? reports.takeBatches(MESSAGES_AT_ONCE, { boot, epoch }) : [];
    await Promise.all(batches.map((batch) => publishBatch(parts, client, batch)));
    if (batches.length === 0) await pause(PUBLISH_EVERY, signal);
  }
}

async function publishBatch({ name, reports }: SessionParts, client: JetStreamClient, { slice, data }: EncodedBatch) {
  try {
    await client.publish(keySubject(STATE_BUCKET, reportsKey(name, slice)), data, { timeout: TIMEOUT });
  } catch (error) {
    reports.failed(slice);
    throw error;
  }
}

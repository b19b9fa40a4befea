/** State of a fleet at one moment, as the command shows it. */

import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { readTargets } from "../list/read.ts";
import type { ListStore } from "../list/store.ts";
import { bucketStream, keySubject, STATE_BUCKET } from "../protocol/subjects.ts";
import { FleetState } from "../vote/fleet_state.ts";
import { agreementText, type FleetVerdict } from "../vote/verdict.ts";

/** An agent that is present. */
export interface AgentStatus {
  /** Its name. */
  readonly name: string;
  /** Its zone. */
  readonly zone: string;
  /** The version of its software. */
  readonly version: string;
  /** The number of targets that it checks. */
  readonly targets: number;
  /** The digest of the list in force at the agent; `null` before it has any. */
  readonly list: string | null;
}

/** A target that is not up, or about which witnesses disagree. */
export interface TargetStatus {
  /** The target's id. */
  readonly id: string;
  /** The verdict. */
  readonly verdict: FleetVerdict;
  /** How far the witnesses agree, in words. */
  readonly agreement: string;
}

/** State of a fleet. */
export interface FleetStatus {
  /** The agents that are present, by name. */
  readonly agents: readonly AgentStatus[];
  /** The digest of the list in force; absent if there is none. */
  readonly list?: string;
  /** The number of targets by verdict. */
  readonly counts: Readonly<Record<FleetVerdict["state"], number>>;
  /** Targets that are not up, or about which witnesses disagree, by id. */
  readonly conspicuous: readonly TargetStatus[];
}

/** Messages in one answer of the server. */
const BATCH = 256;

/** Reads the state of a fleet. */
export async function readStatus(connection: NatsConnection, store: ListStore): Promise<FleetStatus> {
  const current = (await store.current())?.current;
  const manifest = current === undefined ? undefined : await store.manifest(current.digest);
  const state = await readState(connection);
  state.setVote(manifest?.vote ?? {});
  const counts = { up: 0, down: 0, unknown: 0 };
  const conspicuous: TargetStatus[] = [];
  for await (const targets of manifest === undefined ? [] : readTargets(store, manifest)) {
    for (const { id } of targets) {
      const verdict = state.verdict(id);
      counts[verdict.state]++;
      if (verdict.state === "up" && verdict.dissent === undefined) continue;
      conspicuous.push({ id, verdict, agreement: agreementText(verdict) });
    }
  }
  const agents = [...state.agents.values()].map(({ name, lease: { zone, version, targets, list } }) => (
    { name, zone, version, targets, list }
  ));
  return {
    agents: agents.sort((a, b) => a.name < b.name ? -1 : 1),
    ...current !== undefined && { list: current.digest },
    counts,
    conspicuous,
  };
}

/** Reads all messages of the state, in order, and the server's clock last. */
async function readState(connection: NatsConnection): Promise<FleetState> {
  const manager = await jetstreamManager(connection);
  const stream = bucketStream(STATE_BUCKET);
  const state = new FleetState();
  const prefix = keySubject(STATE_BUCKET, "").length;
  const { ts, state: { messages, last_seq } } = await manager.streams.info(stream);
  for (let seq = 1; messages > 0 && seq <= last_seq;) {
    const batch = await manager.direct.getBatch(stream, {
      seq,
      batch: BATCH,
      next_by_subj: keySubject(STATE_BUCKET, ">"),
    });
    let last = last_seq;
    for await (const { subject, data, time, seq, header } of batch) {
      const isDeleted = header.has("KV-Operation");
      state.apply({ key: subject.slice(prefix), data: isDeleted ? undefined : data, time: time.getTime() });
      last = seq;
    }
    seq = last + 1;
  }
  state.advance(ts === undefined ? Date.now() : Date.parse(ts));
  return state;
}

/** Snapshot of a fleet's state. */

import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { readTargets } from "../list/read.ts";
import type { ListStore } from "../list/store.ts";
import { bucketStream, STATE_BUCKET } from "../protocol/subjects.ts";
import { readKeys } from "../session/direct_get.ts";
import { FleetState } from "../vote/fleet_state.ts";
import { agreementText, type FleetVerdict } from "../vote/verdict.ts";

/** An agent that is present. */
export interface AgentStatus {
  /** The agent's name. */
  readonly name: string;
  /** The agent's zone. */
  readonly zone: string;
  /** The version of the agent's software. */
  readonly version: string;
  /** The number of targets that the agent checks. */
  readonly targets: number;
  /** The digest of the agent's target list; `null` before its first list. */
  readonly list: string | null;
}

/** A target that is not up, or on which the witnesses disagree. */
export interface TargetStatus {
  /** The target's id. */
  readonly id: string;
  /** The verdict. */
  readonly verdict: FleetVerdict;
  /** The agreement of the witnesses, as text. */
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
  /** Targets that are not up, or on which the witnesses disagree, by id. */
  readonly conspicuous: readonly TargetStatus[];
}

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

/** Reads all messages of the state, in order, and the server's clock. */
async function readState(connection: NatsConnection): Promise<FleetState> {
  const manager = await jetstreamManager(connection);
  const state = new FleetState();
  const { ts } = await manager.streams.info(bucketStream(STATE_BUCKET));
  // A deleted key has an empty value.
  for (const { key, data, time } of await readKeys(manager, STATE_BUCKET, ">")) {
    state.apply({ key, data: data.length === 0 ? undefined : data, time });
  }
  state.advance(ts === undefined ? Date.now() : Date.parse(ts));
  return state;
}

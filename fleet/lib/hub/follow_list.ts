/** Follower of the list in force. */

import type { NatsConnection } from "@nats-io/nats-core";
import { ListError } from "../list/list_error.ts";
import { readTargets } from "../list/read.ts";
import { ListStore } from "../list/store.ts";
import type { ListedTarget } from "../list/target_line.ts";
import { watchCurrent } from "../list/watch_current.ts";
import type { FleetList } from "./fleet_states.ts";

/** A list, with what identifies it. */
export interface ReadList extends FleetList {
  readonly digest: string;
}

/**
 * Reads the list in force, and each one that follows. A list that can't be read keeps the one before.
 *
 * @param connection The connection.
 * @param take Takes each list; `undefined` if there is none at the start.
 * @param onProblem Takes the reason why a list can't be read.
 * @param signal Ends it.
 */
export async function followList(
  connection: NatsConnection,
  take: (list: ReadList | undefined) => void,
  onProblem: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const store = await ListStore.open(connection);
  if (await store.current() === undefined) take(undefined);
  for await (const { current: { digest } } of watchCurrent(connection, signal)) {
    try {
      const manifest = await store.manifest(digest);
      const targets: ListedTarget[] = [];
      for await (const chunk of readTargets(store, manifest)) targets.push(...chunk);
      const { interval } = manifest.monitor;
      take({ digest, targets, vote: manifest.vote, ...typeof interval === "number" && { interval } });
    } catch (error) {
      if (!(error instanceof ListError)) throw error;
      onProblem(`Cannot read the target list: ${error.message}`);
      take(undefined);
    }
  }
}

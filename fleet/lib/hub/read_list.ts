/** Reads a whole target list, for a hub. */

import type { ListInForce } from "../list/follow_list.ts";
import { readTargets } from "../list/read.ts";
import type { ListStore } from "../list/store.ts";
import type { ListedTarget } from "../list/target_line.ts";
import type { FleetList } from "./fleet_states.ts";

/**
 * Reads all targets of a list.
 *
 * @param list The list.
 * @param store Reads its chunks.
 * @returns The list.
 * @throws {ListError} If a chunk is missing or damaged.
 */
export async function readFleetList({ manifest }: ListInForce, store: ListStore): Promise<FleetList> {
  const targets: ListedTarget[] = [];
  for await (const chunk of readTargets(store, manifest)) targets.push(...chunk);
  const { vote, monitor: { interval } } = manifest;
  return { targets, vote, ...typeof interval === "number" && { interval } };
}

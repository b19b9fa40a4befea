/** When a new witness votes. */

/**
 * Tells whether a witness has seen enough of a target to vote. A monitor has a first verdict after one result, because it
 * has nothing else; a fleet has other witnesses, so one lost packet of a new one must not count.
 *
 * @param state What the witness's monitor says.
 * @param results How many checks have passed or failed since the agent became a witness, or found its lease lapsed.
 * @param thresholds The target's thresholds.
 * @returns Whether the word may be `state`; otherwise it is `"unknown"`.
 */
export function mayVote(
  state: "up" | "down" | "unknown" | "maintenance",
  results: number,
  { rise, fall }: { readonly rise: number; readonly fall: number },
): state is "up" | "down" {
  return state === "up" && results >= rise || state === "down" && results >= fall;
}

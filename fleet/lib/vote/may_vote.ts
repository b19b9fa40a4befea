/** Rule by which a new witness may vote. */

/**
 * Returns whether a witness has enough results of a target to vote. A monitor's first verdict needs one result, because
 * there is no other information. A fleet has other witnesses, so one lost packet of a new witness must not count.
 *
 * @param state The state of the target in the witness's monitor.
 * @param results The number of checks that passed or failed since the agent became a witness, or since its lease
 *   expired.
 * @param thresholds The target's thresholds.
 * @returns Whether the report may be `state`; otherwise it is `"unknown"`.
 */
export function mayVote(
  state: "up" | "down" | "unknown" | "maintenance",
  results: number,
  { rise, fall }: { readonly rise: number; readonly fall: number },
): state is "up" | "down" {
  return state === "up" && results >= rise || state === "down" && results >= fall;
}

/** Reports of a fleet's state and of its target lists, as text and as JSON. */

import type { AppliedList, FleetStatus } from "@tcp-shaker/fleet/admin";
import { printable } from "@tcp-shaker/tcp-shaker/quote";

/** The schema of the JSON objects. */
const SCHEMA = "tcp-checker-fleet/1";
/** Number of digits shown of a digest. */
const DIGITS = 12;

/** Formats the state of a fleet: agents, targets that are not up or disputed, then a summary. */
export function statusText({ agents, list, counts: { up, down, unknown }, conspicuous }: FleetStatus): string {
  const inForce = list === undefined ? "" : `, list ${shortDigest(list)}`;
  return [
    ...agents.map(({ name, zone, targets, list: own }) =>
      `agent ${name}  ${zone}  ${countText(targets, "target")}${
        own === list ? "" : `  list ${own === null ? "none" : shortDigest(own)}`
      }`
    ),
    ...conspicuous.map(({ id, verdict, agreement }) => `${verdict.state}  ${printable(id)}  ${agreement}`),
    `${countText(agents.length, "agent")}, ${up} up, ${down} down, ${unknown} unknown${inForce}`,
  ].join("\n");
}

/** Formats the state of a fleet as JSON lines. */
export function statusJson({ agents, list, counts, conspicuous }: FleetStatus): string {
  return jsonLines([
    ...agents.map(({ name, zone, version, targets, list }) => (
      { type: "agent", name, zone, version, targets, list }
    )),
    ...conspicuous.map(({ id, verdict: { state, agree, present, dissent } }) => (
      { type: "target", id, state, agree, present, ...dissent && { dissent } }
    )),
    { type: "summary", agents: agents.length, ...counts, ...list !== undefined && { list } },
  ]);
}

/** Formats the stored lists, one per line. */
export function listsText(lists: readonly AppliedList[]): string {
  return lists.map(({ digest, at, targets, isInForce, problem }) => {
    const size = targets === undefined ? `damaged: ${printable(problem!)}` : countText(targets, "target");
    return `${shortDigest(digest)}  ${new Date(at).toISOString()}  ${size}${isInForce ? "  in force" : ""}`;
  }).join("\n");
}

/** Formats the stored lists as JSON lines. */
export function listsJson(lists: readonly AppliedList[]): string {
  return jsonLines(lists.map(({ digest, at, targets, isInForce, problem }) => (
    {
      type: "list",
      digest,
      at: new Date(at).toISOString(),
      in_force: isInForce,
      ...targets === undefined ? { problem } : { targets },
    }
  )));
}

/** Shortens a digest. */
export function shortDigest(digest: string): string {
  return digest.slice(0, DIGITS);
}

/** Formats a count with its noun, in the plural unless the count is 1. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function jsonLines(records: readonly Readonly<Record<string, unknown>>[]): string {
  return records.map((record) => JSON.stringify({ schema: SCHEMA, ...record })).join("\n");
}

/**
 * Checks one port of this host until stdin ends, then prints the counts of results.
 *
 * Arguments: the port, the number of checks in flight, and the number of children that it spawns at a time.
 */

import { setImmediate } from "node:timers/promises";
import { Checker } from "../../mod.ts";
import type { ResultCounts } from "./result_counts.ts";

const [port, atOnce, spawns] = Deno.args.map(Number);
const reported: ResultCounts = { up: 0, full: 0, other: 0 };
let over = false;
await using checker = await Checker.start();
const ended = (async () => {
  for await (const _ of Deno.stdin.readable);
  over = true;
})();
console.log("ready");
await Promise.all([...Array.from({ length: atOnce }, check), ...Array.from({ length: spawns }, spawn)]);
await ended;
console.log(JSON.stringify(reported));

/** A single check runs on this thread, concurrent checks on the engine's. */
async function check(): Promise<void> {
  while (!over) {
    for (let i = 0; i < 100; i++) {
      const { status, mode } = await checker.checkAddr({ hostname: "127.0.0.1", port }, 30_000);
      if (status !== "up") reported.other++;
      else if (mode === "full") reported.full++;
      else reported.up++;
    }
    await setImmediate();
  }
}

async function spawn(): Promise<void> {
  while (!over) await new Deno.Command("true").output();
}

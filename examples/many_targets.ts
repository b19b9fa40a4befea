/**
 * Checks of many targets, with results in order of completion.
 *
 * Run it with: deno run --allow-ffi examples/many_targets.ts [HOST:PORT ...]
 */

import { Checker } from "@tcp-shaker/tcp-shaker";

/** Targets as a lazy iterable of any length: `checkAll()` reads it only as fast as checks end. */
function* targets(): Generator<string> {
  if (Deno.args.length > 0) return yield* Deno.args;
  for (let port = 1; port <= 1024; port++) yield `127.0.0.1:${port}`;
}

await using checker = await Checker.start();

const counts: Record<string, number> = {};
for await (const { target, status } of checker.checkAll(targets(), { timeout: 500, concurrency: 256 })) {
  if (status === "up") console.log(`${target} is up`);
  counts[status] = (counts[status] ?? 0) + 1;
}
console.log(counts);

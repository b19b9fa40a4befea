/** Memory of a long stream: `million.ts TARGET CHECKS`, all to different addresses of this host. */

import { Checker } from "../../mod.ts";

/** The measurements of a stream. */
export interface Stream {
  seconds: number;
  /** Resident memory in bytes after a tenth, half and all of the results. */
  resident: [number, number, number];
}

const [target, checks] = [Deno.args[0], Number(Deno.args[1])];

await using checker = await Checker.start();

const resident: number[] = [];
const start = performance.now();
let results = 0;
for await (const { status } of checker.checkAll(targets(), { timeout: 1000 })) {
  if (status !== "up") throw new Error(`A check of ${target} was answered: ${status}`);
  results++;
  if (results === checks / 10 || results === checks / 2) resident.push(Deno.memoryUsage().rss);
}
const [tenth, half] = resident;
const stream: Stream = {
  seconds: (performance.now() - start) / 1000,
  resident: [tenth, half, Deno.memoryUsage().rss],
};
console.log(JSON.stringify(stream));

function* targets(): Generator<string> {
  for (let i = 0; i < checks; i++) yield addressOf(target, i);
}

/** Returns one of many addresses of this host that have the same listener. */
function addressOf(target: string, n: number): string {
  const host = n + 1;
  return `127.${host >> 16}.${host >> 8 & 255}.${host & 255}${target.slice(target.indexOf(":"))}`;
}

/**
 * Raw scan of ports of consecutive addresses: `scan.ts FIRST COUNT RATE TIMEOUT PORT...`. Prints the targets that
 * answered with their status, and the duration without start-up.
 */

import { Checker } from "../../mod.ts";

const [first, ...numbers] = Deno.args;
const [count, rate, timeout, ...ports] = numbers.map(Number);
const start = first.split(".").reduce((number, part) => number * 256 + Number(part), 0);

await using checker = await Checker.start({ engine: "raw", rate });

const began = performance.now();
const lines: string[] = [];
for await (const { target, status } of checker.checkAll(targets(), { timeout, concurrency: count * ports.length })) {
  if (status !== "timeout") lines.push(`${target} ${status}`);
}
lines.push(`scanned in ${(performance.now() - began) / 1000} s`);
console.log(lines.join("\n"));

function* targets(): Generator<string> {
  for (let i = start; i < start + count; i++) {
    const address = `${i >>> 24}.${i >>> 16 & 255}.${i >>> 8 & 255}.${i & 255}`;
    for (const port of ports) yield `${address}:${port}`;
  }
}

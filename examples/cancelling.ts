/**
 * Giving up: one check, a group of checks, or the checker with all its checks.
 *
 * Run it with: deno run --allow-ffi examples/cancelling.ts [HOST:PORT]
 */

import { Checker } from "@tcp-shaker/tcp-shaker";

const target = Deno.args[0] ?? "127.0.0.1:80";
const stop = new AbortController();
const checker = new Checker();
const loop = checker.checkingLoop(stop.signal);
await checker.waitReady();

// A signal given to several checks ends all of them, with its reason.
const group = new AbortController();
const checks = [1, 2, 3].map(() => checker.checkAddr(target, { timeout: 60_000, signal: group.signal }));
group.abort(new Error("somebody else was faster"));
for (const outcome of await Promise.allSettled(checks)) {
  console.log(outcome.status, outcome.status === "rejected" ? outcome.reason.message : outcome.value.status);
}

// The loop's own signal ends the loop, and every check that is still pending.
const last = checker.checkAddr(target, { timeout: 60_000 }).then(({ status }) => status, (error) => error.name);
stop.abort();
await loop;
console.log("the loop has ended, and the last check with it:", await last);

/**
 * Cancellation of a group of checks, and of a checker with all its checks.
 *
 * Run it with: deno run --allow-ffi examples/cancelling.ts [HOST:PORT]
 */

import { Checker } from "@tcp-shaker/tcp-shaker";

const target = Deno.args[0] ?? "127.0.0.1:80";
const stop = new AbortController();
await using checker = await Checker.start({ signal: stop.signal });

// A signal passed to several checks cancels all of them: each rejects with the signal's reason.
const group = new AbortController();
const checks = [1, 2, 3].map(() => checker.checkAddr(target, { timeout: 60_000, signal: group.signal }));
group.abort(new Error("another check was faster"));
for (const outcome of await Promise.allSettled(checks)) {
  console.log(outcome.status, outcome.status === "rejected" ? outcome.reason.message : outcome.value.status);
}

// The checker's own signal stops the checker, and every check that is still pending.
const last = checker.checkAddr(target, { timeout: 60_000 }).then(({ status }) => status, (error) => error.name);
stop.abort();
console.log("the checker has stopped, and the last check with it:", await last);

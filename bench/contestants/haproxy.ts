/**
 * HAProxy, which checks servers continuously: `haproxy.ts TARGET CHECKS WARM_UP SERVERS COMMAND`.
 *
 * Its checks are the SYNs that the kernel counts, its CPU time is that of its own process. It has more servers than it
 * can check, so that it is never idle.
 */

import { kernelCounters } from "../counters/kernel_counters.ts";
import { cpuMicrosOf } from "../counters/process_time.ts";
import type { Measured } from "./measure.ts";

const [target, checks, warmUp, servers, command] = Deno.args;
/** Timeout of a check in ms, which no check reaches. */
const PATIENCE = 20_000;

const folder = await Deno.makeTempDir();
try {
  await Deno.writeTextFile(`${folder}/haproxy.cfg`, configuration());
  console.log(JSON.stringify(await run()));
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function run(): Promise<Measured> {
  await using haproxy = new Deno.Command(command, {
    args: ["-db", "-q", "-f", `${folder}/haproxy.cfg`],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  await sent(Number(warmUp));
  const before = reading(haproxy.pid);
  await sent(before.checks + Number(checks));
  const after = reading(haproxy.pid);
  // Soft stop: if HAProxy were killed, checks in flight would become full connections.
  haproxy.kill("SIGUSR1");
  await haproxy.status;
  return {
    checks: after.checks - before.checks,
    seconds: after.seconds - before.seconds,
    cpuMicros: after.cpuMicros - before.cpuMicros,
  };
}

function configuration(): string {
  const lines = Array.from({ length: Number(servers) }, (_, i) => `  server s${i} ${target} check inter 10ms`);
  return [
    "global",
    // HAProxy does not start without a listener.
    `  stats socket ${folder}/socket`,
    "defaults",
    "  mode tcp",
    "  timeout connect 1s",
    "  timeout check 1s",
    "  timeout server 1s",
    "backend servers",
    ...lines,
    "",
  ].join("\n");
}

/** Waits until the kernel has sent the given number of SYNs. */
async function sent(count: number): Promise<void> {
  const start = performance.now();
  while (kernelCounters().ActiveOpens < count) {
    if (performance.now() - start > PATIENCE) throw new Error(`HAProxy sends no SYN to ${target}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function reading(pid: number): Measured {
  return {
    checks: kernelCounters().ActiveOpens,
    seconds: performance.now() / 1000,
    cpuMicros: cpuMicrosOf(pid),
  };
}

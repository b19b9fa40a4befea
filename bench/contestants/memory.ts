/**
 * Memory of checks in flight: `memory.ts check_addr|check_all TARGET CHECKS`, to a target that never answers.
 *
 * It excludes the kernel's sockets and Deno's code, which is paged in as it is used. All is read after a garbage
 * collection.
 */

import { Checker } from "../../mod.ts";
import { kernelCounters } from "../counters/kernel_counters.ts";

/** Growth in bytes per check in flight. */
export interface Memory {
  /** JavaScript's heap in use. */
  heap: number;
  /** Private memory outside of V8's heap: the engine's tables, batches, allocator slack. */
  native: number;
  /** Unused memory of V8's heap. */
  spare: number;
}

const [contestant, target, checks] = Deno.args;
const { gc } = globalThis as unknown as { gc: () => void };
/** Timeout in ms, which no check reaches. */
const TIMEOUT = 10 * 60 * 1000;
const checker = new Checker();

// Warm-up: one-time loading, compilation and allocation happen before the first reading.
await cost(100);
console.log(JSON.stringify(await cost(Number(checks))));

async function cost(count: number): Promise<Memory> {
  const stop = new AbortController();
  const loop = checker.checkingLoop(stop.signal);
  await checker.waitReady();
  const before = usage();
  const sent = kernelCounters().ActiveOpens + count;
  const pending = contestant === "check_all" ? [checkAll(count)] : checkAddr(count);
  // All SYNs are sent when the kernel has counted as many.
  while (kernelCounters().ActiveOpens < sent) await new Promise((resolve) => setTimeout(resolve, 10));
  const during = usage();
  const settled = Promise.allSettled(pending);
  stop.abort();
  await loop;
  for (const outcome of await settled) {
    if (outcome.status === "fulfilled") throw new Error(`A check of ${target} was answered`);
  }
  const growth = (key: keyof Memory) => (during[key] - before[key]) / count;
  return { heap: growth("heap"), native: growth("native"), spare: growth("spare") };
}

function checkAddr(count: number): Promise<unknown>[] {
  return Array.from({ length: count }, () => checker.checkAddr(target, { timeout: TIMEOUT }));
}

async function checkAll(count: number): Promise<void> {
  const targets = Array.from({ length: count }, () => target);
  const results = checker.checkAll(targets, { timeout: TIMEOUT, concurrency: count });
  await results.next();
}

function usage(): Memory {
  gc();
  const { heapUsed, heapTotal } = Deno.memoryUsage();
  // Private memory; what is mapped from files is the program's code.
  const rss = Number(/^RssAnon:\s+(\d+) kB/m.exec(Deno.readTextFileSync("/proc/self/status"))![1]) * 1024;
  return { heap: heapUsed, native: rss - heapTotal, spare: heapTotal - heapUsed };
}

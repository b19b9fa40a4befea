/**
 * Periodic checks of targets by one program: `monitor.ts TARGET KIND TARGETS INTERVAL SECONDS THREADS ENGINE
 * [HAPROXY]`. All targets are the same port, the interval is in ms, and measuring begins after one interval, and 10 s
 * at least.
 */

import process from "node:process";
import { Monitor } from "@tcp-shaker/monitor";
import { History } from "@tcp-shaker/monitor/history";
import { Checker, type Engine, parseTarget } from "../../mod.ts";
import { kernelCounters } from "../counters/kernel_counters.ts";
import { residentBytes } from "../counters/process_memory.ts";
import { cpuMicrosOf } from "../counters/process_time.ts";

/** Measurements of one trial. */
export interface Watched {
  checks: number;
  cpuMicros: number;
  /** Resident memory at the end, in bytes. */
  rss: number;
  /** JavaScript's heap after a garbage collection at the end, in bytes; absent in other languages. */
  heap?: number;
  /** Lateness of checks, in ms; absent if it is not reported. */
  lateness?: { p50: number; p99: number };
  /** Number of skipped checks; absent if it is not reported. */
  skipped?: number;
}

const [target, kind, targetCount, interval, seconds, threads, engineName, haproxy] = Deno.args;
const targets = Number(targetCount);
const engine = engineName as Engine;
/** Time between two batches in ms, like the monitor's. */
const TICK = 16;
/** Warm-up in ms, in which V8 compiles hot functions. */
const WARM_UP = 10_000;
/** Time for a garbage collection, in ms. */
const { gc } = globalThis as unknown as { gc: () => void };

async function monitor(): Promise<Watched> {
  const all = Array.from({ length: targets }, (_, i) => ({ target, id: `target ${i}` }));
  await using monitor = await Monitor.start(all, { interval: Number(interval), threads: Number(threads), engine });
  all.length = 0;
  const measured = await measure(process.pid);
  for (const { id, state } of monitor.states()) if (state !== "up") throw new Error(`${id} is ${state}`);
  const { lateness, skipped } = monitor.statistics();
  return { ...measured, heap: heap(), lateness, skipped };
}

/** The same monitor with a history in a file. Measuring includes the writes of whole minutes. */
async function history(): Promise<Watched> {
  const folder = await Deno.makeTempDir();
  const all = Array.from({ length: targets }, (_, i) => ({ target, id: `target ${i}` }));
  try {
    await using history = await History.open({ file: `${folder}/history.db` }, (message) => {
      throw new Error(message);
    });
    const options = { interval: Number(interval), threads: Number(threads) };
    await using monitor = await Monitor.start(all, options, { observers: [history.observer] });
    history.begin(monitor);
    const measured = await measure(process.pid);
    const { lateness, skipped } = monitor.statistics();
    return { ...measured, heap: heap(), lateness, skipped };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Checks as many targets at the same rate, a batch per tick, in random order like the monitor's phases. */
async function bare(): Promise<Watched> {
  await using checker = await Checker.start({ threads: Number(threads) });
  const endpoints = shuffled(Array.from({ length: targets }, () => parseTarget(target)));
  const rate = targets / Number(interval);
  const start = performance.now();
  let [begun, up] = [0, 0];
  const count = ({ status }: { status: string }) => up += Number(status === "up");
  const timer = setInterval(() => {
    const due = (performance.now() - start) * rate;
    for (; begun < due; begun++) checker.checkAddr(endpoints[begun % targets], { timeout: 1000 }).then(count, () => {});
  }, TICK);
  const measured = await measure(process.pid);
  clearInterval(timer);
  if (up === 0) throw new Error("No target is up");
  return { ...measured, heap: heap() };
}

async function runHaproxy(): Promise<Watched> {
  const folder = await Deno.makeTempDir();
  const servers = Array.from({ length: targets }, (_, i) => `  server s${i} ${target} check inter ${interval}ms`);
  const times = ["connect", "check", "server"].map((what) => `  timeout ${what} 1s`);
  const head = ["global", `  stats socket ${folder}/socket`, "defaults", "  mode tcp", ...times, "backend servers"];
  await Deno.writeTextFile(`${folder}/haproxy.cfg`, [...head, ...servers, ""].join("\n"));
  try {
    const args = ["-db", "-q", "-f", `${folder}/haproxy.cfg`];
    await using child = new Deno.Command(haproxy, { args, stdout: "null", stderr: "null" }).spawn();
    const measured = await measure(child.pid);
    child.kill("SIGUSR1");
    await child.status;
    return measured;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Measures a process for a number of seconds. */
async function measure(pid: number): Promise<Watched> {
  await pause(Math.max(Number(interval) + 1000, WARM_UP));
  const [checks, cpuMicros] = [countChecks(), cpuMicrosOf(pid)];
  await pause(Number(seconds) * 1000);
  return {
    checks: countChecks() - checks,
    cpuMicros: cpuMicrosOf(pid) - cpuMicros,
    rss: residentBytes(pid),
  };
}

/**
 * Counts the checks so far by their RSTs, because the kernel does not count SYNs of a raw socket as opened connections.
 */
function countChecks(): number {
  return kernelCounters().OutRsts;
}

/** Shuffles a list (Fisher and Yates). */
function shuffled<Item>(items: Item[]): Item[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function heap(): number {
  gc();
  return Deno.memoryUsage().heapUsed;
}

const contestants: Record<string, () => Promise<Watched>> = { monitor, history, bare, haproxy: runHaproxy };
console.log(JSON.stringify(await contestants[kind]()));

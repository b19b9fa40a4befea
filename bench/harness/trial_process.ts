/**
 * Runs one contestant once: `unshare --user --net ... deno run trial_process.ts JOB`.
 *
 * It has the listener, so that the listener's CPU time does not count for the contestant, runs the contestant as its
 * child, and prints one line of JSON: the contestant's output, the child's CPU time, and the segments that the kernel
 * counted in that time.
 */

import { capture } from "./capture.ts";
import { countedSince, type KernelCounters, kernelCounters } from "../counters/kernel_counters.ts";
import { cpuMicrosOf, cpuMicrosOfChildren } from "../counters/process_time.ts";

/** Command of a contestant, and its environment. */
export interface Job {
  command: string;
  /** `TARGET` stands for the port to check. */
  args: string[];
  /** The port of `TARGET`; the lab uses others. */
  port: "open" | "closed" | "silent" | "lab";
  /** Path of tcpdump. If it is set, SYNs are timed. */
  tcpdump?: string;
  /** Whether connections are accepted, and closed. */
  accept: boolean;
  /** Whether the network namespace is our own, made for this job. */
  isolated: boolean;
}

/** Measurements of a run. */
export interface Run {
  output: string;
  /** User and system time of the whole process, from start to end. */
  cpuMicros: number;
  /** Duration of the process, from start to end. */
  seconds: number;
  /** User and system time of the lab, the parent process, during the run. */
  labMicros?: number;
  /** Absent if other processes may have sent segments in the same namespace. */
  counted?: KernelCounters;
  /** Times of the SYNs in microseconds, if they were timed. */
  syns?: number[];
}

/** A closed port outside of the range of local ports. */
const CLOSED = "127.0.0.1:1";
/** An address on a link without a host at its other end. */
const SILENT = "192.0.2.2:80";

if (import.meta.main) {
  const job: Job = JSON.parse(Deno.args[0]);
  if (job.isolated) await ip("link set lo up");
  console.log(JSON.stringify(await runJob(job)));
}

async function runJob(job: Job): Promise<Run> {
  if (job.port === "closed") return await contest(job, CLOSED);
  if (job.port === "lab") return await inLab(job);
  if (job.port === "silent") {
    await makeSilence();
    return await contest(job, SILENT);
  }
  using listener = Deno.listen({ hostname: "0.0.0.0", port: 0, tcpBacklog: 4096 });
  if (job.accept) acceptAll(listener);
  return await contest(job, `127.0.0.1:${listener.addr.port}`);
}

async function contest({ command, args, isolated, tcpdump }: Job, target: string): Promise<Run> {
  const capturing = tcpdump === undefined ? undefined : await capture(tcpdump);
  const before = kernelCounters();
  const cpuBefore = cpuMicrosOfChildren();
  const start = performance.now();
  const child = new Deno.Command(command, {
    args: args.map((arg) => arg === "TARGET" ? target : arg),
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await child.output();
  const seconds = (performance.now() - start) / 1000;
  const cpuMicros = cpuMicrosOfChildren() - cpuBefore;
  // tcp-shaker's command prints its summary to stderr.
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Failed: ${command} ${args.join(" ")}\n${output}`);
  const counted = countedSince(before);
  const syns = await capturing?.end(counted.ActiveOpens);
  return { output, cpuMicros, seconds, counted: isolated ? counted : undefined, syns };
}

async function inLab(job: Job): Promise<Run> {
  const before = cpuMicrosOf(Deno.ppid);
  const run = await contest(job, "");
  return { ...run, labMicros: cpuMicrosOf(Deno.ppid) - before };
}

async function acceptAll(listener: Deno.TcpListener): Promise<void> {
  try {
    for await (const connection of listener) connection.close();
  } catch (error) {
    // The listener was closed while accept() was pending.
    if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) throw error;
  }
}

/** Makes a silent address: a static neighbour entry lets SYNs leave, and no host has the address. */
async function makeSilence(): Promise<void> {
  await ip("link add near type veth peer name far");
  await ip("address add 192.0.2.1/24 dev near");
  await ip("link set near up");
  await ip("link set far up");
  await ip("neighbour add 192.0.2.2 lladdr 02:00:00:00:00:99 dev near");
}

async function ip(args: string): Promise<void> {
  const { success } = await new Deno.Command("ip", { args: args.split(" "), stderr: "inherit" }).output();
  if (!success) throw new Error(`Failed: ip ${args}`);
}

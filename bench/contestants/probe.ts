/**
 * Servers of `/probe`, with 50 connections that each send one request at a time: `probe.ts TARGET PROBES COMMAND ...`.
 * In the command, `CONFIG` stands for the path of its configuration, and `ADDRESS` for the address to listen at.
 */

import { Agent, get } from "node:http";
import { cpuMicrosOf } from "../counters/process_time.ts";
import type { Measured } from "./measure.ts";

const [target, probes, configuration, command, ...args] = Deno.args;
const CONNECTIONS = 50;
const PORT = 39_115;
/** The number of warm-up probes, in which V8 compiles hot functions. */
const WARM_UP = 5000;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const path = `/probe?module=tcp_connect&target=${target}`;

/** Makes one request, and checks that the probe succeeded. */
function ask(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get({ host: "127.0.0.1", port: PORT, path, agent }, async (response) => {
    let text = "";
    for await (const chunk of response) text += chunk;
    if (/^probe_success 1$/m.test(text)) resolve();
    else reject(new Error(text));
  }).on("error", reject);
  return promise;
}

async function run(count: number): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (left-- > 0) await ask();
  }));
}

async function untilReady(): Promise<void> {
  while (true) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const file = await Deno.makeTempFile({ suffix: ".yml" });
await Deno.writeTextFile(file, configuration);
const filled = args.map((arg) => arg.replace("CONFIG", file).replace("ADDRESS", `127.0.0.1:${PORT}`));
const server = new Deno.Command(command, { args: filled, stdout: "null", stderr: "null" }).spawn();
try {
  await untilReady();
  await run(WARM_UP);
  const [cpu, start] = [cpuMicrosOf(server.pid), performance.now()];
  await run(Number(probes));
  const seconds = (performance.now() - start) / 1000;
  const measured: Measured = { checks: Number(probes), seconds, cpuMicros: cpuMicrosOf(server.pid) - cpu };
  console.log(JSON.stringify(measured));
} finally {
  agent.destroy();
  server.kill("SIGKILL");
  await server.status;
  await Deno.remove(file);
}

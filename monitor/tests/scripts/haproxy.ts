/** HAProxy and the monitor's verdict for the same hosts, in the current network. */

import { Checker } from "@tcp-shaker/tcp-shaker";
import { readInput, writeOutput } from "../../../tests/support/script.ts";
import { classify } from "../../lib/classify.ts";
import { DEFAULT_VERDICT } from "../../lib/verdict_options.ts";
import { configuration, INTERVAL, readEntry } from "../support/haproxy.ts";
import { LikeHaproxy, statusOf } from "../support/like_haproxy.ts";

export interface Input {
  /** The number of checks of each host. */
  checks: number;
  hosts: {
    address: string;
    /** The ports for HAProxy and for the monitor, because the lab counts SYNs by port. */
    ports: [haproxy: number, own: number];
    rise: number;
    fall: number;
  }[];
}

export interface Output {
  hosts: {
    /** Each observation up to the first neutral one: "p" a pass, "f" a failure. */
    observations: string;
    /** The log lines that HAProxy should write. */
    own: string[];
    /** The first log lines of HAProxy, the same number. */
    haproxy: string[];
  }[];
}

/** Time for HAProxy's checks, if it logs fewer lines than expected. */
const TIME_LIMIT = 60_000;

const { checks, hosts } = readInput<Input>();
const folder = await Deno.makeTempDir();
const log = `${folder}/log`;
await Deno.writeTextFile(log, "");
await Deno.writeTextFile(
  `${folder}/haproxy.cfg`,
  configuration(
    hosts.map(({ address, ports: [port], ...thresholds }) => ({ address: `${address}:${port}`, ...thresholds })),
  ),
);
// HAProxy drops lines that it can't write at once; a file accepts all.
const haproxy = new Deno.Command("sh", {
  args: ["-c", `exec haproxy -db -f ${folder}/haproxy.cfg >${log} 2>/dev/null`],
  stdout: "null",
}).spawn();
const checker = new Checker({ fallback: "error" });
checker.checkingLoop();
const own = await Promise.all(hosts.map(check));
await checker[Symbol.asyncDispose]();
const logged = await readLog(own.map(({ lines }) => lines.length));
haproxy.kill("SIGKILL");
await haproxy.status;
await Deno.remove(folder, { recursive: true });
writeOutput(
  {
    hosts: own.map(({ observations, lines }, i) => ({ observations, own: lines, haproxy: logged[i] })),
  } satisfies Output,
);

async function check({ address, ports: [, port], rise, fall }: Input["hosts"][number]) {
  const verdict = new LikeHaproxy({ ...DEFAULT_VERDICT, rise, fall });
  const lines: string[] = [];
  let observations = "";
  for (let i = 0; i < checks; i++) {
    const result = await checker.checkAddr({ hostname: address, port }, { timeout: INTERVAL });
    const observation = classify(result, INTERVAL);
    // HAProxy has no such result: this process got no CPU time.
    if (observation === "neutral") break;
    observations += observation[0];
    lines.push(...verdict.observe(observation, statusOf(result)));
  }
  return { observations, lines };
}

/** Reads HAProxy's log until it has a number of entries of each server, or gets no more. */
async function readLog(enough: number[]): Promise<string[][]> {
  const entries: string[][] = enough.map(() => []);
  const watcher = Deno.watchFs(log);
  const timer = setTimeout(() => watcher.close(), TIME_LIMIT);
  using file = await Deno.open(log);
  const text = new TextDecoder();
  const buffer = new Uint8Array(2 ** 16);
  let rest = "";
  const read = async () => {
    for (let size; (size = await file.read(buffer)) !== null;) {
      const lines = (rest + text.decode(buffer.subarray(0, size), { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const entry = readEntry(line);
        if (entry !== undefined) entries[entry.server].push(entry.text);
      }
    }
    return entries.every(({ length }, i) => length >= enough[i]);
  };
  if (!await read()) {
    for await (const _ of watcher) if (await read()) break;
  }
  clearTimeout(timer);
  return entries.map((texts, i) => texts.slice(0, enough[i]));
}

/**
 * Counts the connections that an application accepts, and the results that report them (`mode: "full"`), while the
 * checking process is paused for longer than the kernel delays an ACK.
 *
 *     deno run --allow-all bench/unreported_acks/main.ts stops [--stops 1000] [--seconds 60]
 *
 * Arguments are the kinds of pauses: `stops` (SIGSTOP), `quota` (a CPU quota of a control group, which takes root),
 * `nice` (the lowest priority, beside busy loops) and `spawns` (children spawned all the time, beside stops). Each is
 * applied to checks one at a time, on the caller's thread, and to 100 at once, on the engine's. Prints a table; exits
 * with 1 if an application accepted more connections than were reported.
 */

import { parseArgs } from "node:util";
import { lowerPriority, quota, sleep, stop } from "./pauses.ts";
import type { ResultCounts } from "./result_counts.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  options: { stops: { type: "string", default: "1000" }, seconds: { type: "string", default: "60" } },
  allowPositionals: true,
});
const [stops, seconds] = [Number(values.stops), Number(values.seconds)];

/** Number of processes, each paused separately: more pauses in the same time. */
const PROCESSES = 10;

interface Kind {
  what: string;
  processes: number;
  /** Children that each process spawns at a time. */
  spawns: number;
  pause: (children: Deno.ChildProcess[]) => Promise<void>;
}

const KINDS: Record<string, Kind> = {
  stops: {
    what: `${stops} SIGSTOPs of 0.3 s`,
    processes: PROCESSES,
    spawns: 0,
    pause: (children) => stop(children, stops),
  },
  quota: {
    what: `1 ms of CPU in 100 ms, for ${seconds} s`,
    processes: 1,
    spawns: 0,
    pause: ([child]) => quota(child.pid, 1000, 100_000, seconds),
  },
  nice: {
    what: `nice 19 beside busy loops, for ${seconds} s`,
    processes: 1,
    spawns: 0,
    pause: ([child]) => lowerPriority(child.pid, seconds),
  },
  spawns: {
    what: `4 children spawned at a time, and ${stops} SIGSTOPs of 0.3 s`,
    processes: PROCESSES,
    spawns: 4,
    pause: (children) => stop(children, stops),
  },
};

let totalUnreported = 0;
const COLUMNS = ["checks at once", "checks", "accepted", "reported", "unreported", "false reports"];
COLUMNS.push("of all checks", "of the accepted");
console.log(`| pauses | ${COLUMNS.join(" | ")} |`);
console.log(`| --- |${" ---: |".repeat(COLUMNS.length)}`);
for (const name of positionals) {
  const kind = KINDS[name];
  if (kind === undefined) throw new Error(`Pauses are ${Object.keys(KINDS).join(", ")}, not ${name}`);
  for (const atOnce of [1, 100]) {
    const rows = await Promise.all(await measured(kind, atOnce));
    const [checks, accepted, reported] = [0, 1, 2].map((i) => rows.reduce((sum, row) => sum + row[i], 0));
    // Summed per process, so that a false report of one process does not hide an unreported ACK of another.
    const [unreported, without] = [1, -1].map((sign) =>
      rows.reduce((sum, [, accepted, reported]) => sum + Math.max(0, sign * (accepted - reported)), 0)
    );
    totalUnreported += unreported;
    const shares = [percent(without, checks), percent(without, accepted)];
    console.log(
      `| ${kind.what} | ${[atOnce, checks, accepted, reported, unreported, without, ...shares].join(" | ")} |`,
    );
  }
}
Deno.exit(totalUnreported > 0 ? 1 : 0);

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${Number((100 * part / whole).toPrecision(2))} %`;
}

/** For each process: checks made, connections accepted, connections reported. */
async function measured(kind: Kind, atOnce: number): Promise<Promise<[number, number, number]>[]> {
  const runs = await Promise.all(Array.from({ length: kind.processes }, () => start(atOnce, kind.spawns)));
  await kind.pause(runs.map(({ child }) => child));
  return runs.map(({ end }) => end());
}

async function start(atOnce: number, spawns: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 4096 });
  let accepted = 0;
  const accepting = (async () => {
    while (true) {
      try {
        (await listener.accept()).close();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        // accept() returned, although the connection was already reset.
      }
      accepted++;
    }
  })();
  const args = ["run", "--quiet", "--allow-all", new URL("./checks.ts", import.meta.url).href];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, ...[listener.addr.port, atOnce, spawns].map(String)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await output.read();
  const end = async (): Promise<[number, number, number]> => {
    await child.stdin.close();
    let text = "";
    for (let part = await output.read(); !part.done; part = await output.read()) text += part.value;
    const { up, full, other }: ResultCounts = JSON.parse(text);
    if (other > 0) console.error(`${other} checks were not up`);
    // The last connections need time to be accepted.
    await sleep(1000);
    listener.close();
    await accepting;
    return [up + full + other, accepted, full];
  };
  return { child, end };
}

/** Where the CPU time of a check goes, by perf. */

import { checkAll, type Contestant } from "../contestants.ts";
import { shown, table } from "../numbers.ts";
import type { Setting, Table } from "../setting.ts";
import { halfOpenTurn } from "../turn.ts";

/** Shares of all CPU time, in percent. */
interface Profile {
  /** By thread, and what it ran: the kernel, the library, Deno. */
  threads: { thread: string; at: string; share: number }[];
  /** Of the engine's thread, what functions of the kernel take, with all that they call. */
  calls: Map<string, number>;
}

const ENGINE = "shaker-engine";
const KERNEL = "[kernel.kallsyms]";

/** What is told, in rows. */
const PARTS: { name: string; share(profile: Profile): number }[] = [
  { name: "the engine's thread, in the kernel", share: inThread((thread, at) => thread === ENGINE && at === KERNEL) },
  { name: "- connect(), up to the SYN-ACK", share: (profile) => call("connect")(profile) - disconnect(profile) },
  { name: "- connect(), which disconnects and sends the RST", share: disconnect },
  { name: "- getsockopt()", share: call("getsockopt") },
  { name: "- sends", share: call("sendto", "sendmmsg") },
  { name: "- recvmmsg()", share: call("recvmmsg") },
  { name: "- epoll_wait()", share: call("epoll_wait", "epoll_pwait") },
  { name: "- futex(), which wakes the next", share: call("futex") },
  { name: "the engine's thread, our own code", share: inThread((thread, at) => thread === ENGINE && at !== KERNEL) },
  { name: "the thread of Deno's pool that waits", share: inThread((thread) => thread.startsWith("tokio")) },
  { name: "JavaScript's thread", share: inThread((thread) => thread.startsWith("deno")) },
  { name: "V8's threads", share: inThread((thread) => thread.startsWith("V8")) },
];

/** Of both engines. */
export const profile: Table = {
  name: "profile",
  title: "Where the CPU time goes, checkAll(), port up, 100 checks at once",
  isolated: true,
  needs: "perf",
  async measure(setting) {
    const all = [checkAll("sockets"), checkAll("raw", { engine: "raw" })];
    const profiles: (Profile | undefined)[] = [];
    for (const contestant of all) profiles.push(await record(contestant, setting));
    const row = ({ name, share }: typeof PARTS[number]) => [
      name,
      ...profiles.map((profile) => profile === undefined ? "void" : shown(share(profile), 1)),
    ];
    return { text: table([["Share of the whole process, %", ...all.map(({ name }) => name)], ...PARTS.map(row)]) };
  },
};

async function record(contestant: Contestant, setting: Setting): Promise<Profile | undefined> {
  const checks = Math.round(200_000 * setting.scale);
  const data = await Deno.makeTempFile();
  try {
    const perf = [
      setting.programs.perf!,
      "record",
      "--quiet",
      "--freq=1999",
      "-g",
      "-e",
      "cpu-clock",
      "-o",
      data,
      "--",
    ];
    const job = contestant.job(checks, "open");
    const run = await halfOpenTurn(contestant, job, contestant.sent(checks), setting, perf);
    if (run === undefined) return undefined;
    const report = (...args: string[]) => lines(setting.programs.perf!, ["report", "-i", data, ...args]);
    const threads = (await report("--no-children", "--sort", "comm,dso")).map(([share, thread, at]) => ({
      thread,
      at,
      share: parseFloat(share),
    }));
    const calls = new Map<string, number>();
    for (const [share, , thread, symbol] of await report("--children", "--sort", "comm,symbol")) {
      if (thread === ENGINE) calls.set(symbol.replace(/^\[k\] /, ""), parseFloat(share));
    }
    return { threads, calls };
  } finally {
    await Deno.remove(data);
  }
}

/** The rows of a report, in columns. */
async function lines(command: string, args: string[]): Promise<string[][]> {
  const options = ["--stdio", "-g", "none", "--field-separator=,"];
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args, ...options] }).output();
  if (!success) throw new Error(`It failed: ${command} ${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
  const text = new TextDecoder().decode(stdout).split("\n").filter((line) =>
    line.trim() !== "" && !line.startsWith("#")
  );
  return text.map((line) => line.split(",").map((cell) => cell.trim()));
}

function inThread(holds: (thread: string, at: string) => boolean): (profile: Profile) => number {
  return ({ threads }) => sum(threads.filter(({ thread, at }) => holds(thread, at)).map(({ share }) => share));
}

/** System calls, whatever the architecture calls their functions: `__x64_sys_connect`, `__arm64_sys_connect`. */
function call(...names: string[]): (profile: Profile) => number {
  const isOne = (symbol: string) => names.includes(/^__\w+?64_sys_(\w+)$/.exec(symbol)?.[1] ?? "");
  return ({ calls }) => sum([...calls].filter(([symbol]) => isOne(symbol)).map(([, share]) => share));
}

function sum(shares: number[]): number {
  return shares.reduce((all, share) => all + share, 0);
}

function disconnect({ calls }: Profile): number {
  return calls.get("tcp_disconnect") ?? 0;
}

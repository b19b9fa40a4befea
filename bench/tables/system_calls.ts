/** How many system calls a check takes, of the whole process. */

import { bareLoop, bareUring, checkAddr, checkAll, type Contestant, denoArgs } from "../contestants.ts";
import { shown, table } from "../numbers.ts";
import type { Setting, Table } from "../setting.ts";
import { halfOpenTurn } from "../turn.ts";

/** By name. */
type Calls = Map<string, number>;

/** What is counted under which heading. What else there is, Deno does for itself, with files and memory. */
const COLUMNS = {
  connect: ["connect"],
  getsockopt: ["getsockopt"],
  wait: ["epoll_wait", "epoll_pwait", "io_uring_enter"],
  wake: ["futex", "read", "write"],
};
/** A check can't do without connect() twice, and TCP_INFO. What is answered together shares the rest. */
const FLOOR = ["2", "1", "a share", "-", "3 and a share"];

/** Counted by strace, once. */
export const systemCalls: Table = {
  name: "calls",
  title: "System calls a check, port up",
  needs: "strace",
  async measure(setting) {
    const { programs } = setting;
    const all = [
      checkAddr("checkAddr(), 100 at once"),
      checkAll("checkAll(), 100 at once"),
      oneAtATime(),
      bareLoop(programs, "bare Rust loop, 100 at once"),
      ...bareUring(programs),
    ];
    const rows: string[][] = [];
    for (const contestant of all) rows.push([contestant.name, ...await row(contestant, setting)]);
    return { text: table([["", ...Object.keys(COLUMNS), "all"], ...rows, ["the floor", ...FLOOR]]) };
  },
};

/** As the calls of twice as many checks are more than those of once as many, whatever start and end take. */
async function row(contestant: Contestant, setting: Setting): Promise<string[]> {
  const checks = Math.round(5000 * setting.scale);
  const [once, twice] = [await count(contestant, checks, setting), await count(contestant, 2 * checks, setting)];
  if (once === undefined || twice === undefined) return FLOOR.map(() => "void");
  const more = contestant.sent(2 * checks)! - contestant.sent(checks)!;
  const figures = Object.values(COLUMNS).map((names) => (sum(twice, names) - sum(once, names)) / more);
  return [...figures, figures.reduce((all, figure) => all + figure)].map((figure) => shown(figure, 2));
}

function sum(calls: Calls, names: string[]): number {
  return names.reduce((sum, name) => sum + (calls.get(name) ?? 0), 0);
}

async function count(contestant: Contestant, checks: number, setting: Setting): Promise<Calls | undefined> {
  const { command, args, port, accept } = contestant.job(checks, "open");
  const strace = ["-f", "-qq", "-c", "-U", "name,calls", command, ...args];
  const job = { command: setting.programs.strace!, args: strace, port, accept };
  const run = await halfOpenTurn({ name: `${contestant.name}, under strace` }, job, contestant.sent(checks), setting);
  if (run === undefined) return undefined;
  return new Map(
    Array.from(run.output.matchAll(/^(\w+) +(\d+)$/gm), ([, name, calls]) => [name, Number(calls)]),
  );
}

function oneAtATime(): Contestant {
  const contestant = checkAddr("checkAddr(), one at a time");
  return {
    ...contestant,
    sent: (checks) => 2 * checks,
    job: (checks, port) => ({
      command: Deno.execPath(),
      args: [...denoArgs("latency.ts"), "module", "TARGET", `${checks}`, `${checks}`],
      port,
      accept: false,
    }),
  };
}

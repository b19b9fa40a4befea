/** Ways to pause a process, until the disposal of the pause. */

import { existsSync } from "node:fs";

const CGROUPS = "/sys/fs/cgroup";

/** Stops processes repeatedly for 0.3 s, which is longer than the kernel delays an ACK. */
export async function stop(children: Deno.ChildProcess[], stops: number): Promise<void> {
  const each = Math.ceil(stops / children.length);
  await Promise.all(children.map(async (child) => {
    for (let i = 0; i < each; i++) {
      // Random, so that a stop may hit any step of a check.
      await sleep(5 + Math.random() * 20);
      child.kill("SIGSTOP");
      await sleep(300);
      child.kill("SIGCONT");
    }
  }));
}

/** Limits a process's CPU time per period, by a control group of version 2, or of version 1 if only that exists. */
export async function quota(pid: number, quotaUs: number, periodUs: number, seconds: number): Promise<void> {
  const isSecond = existsSync(`${CGROUPS}/cgroup.controllers`);
  const root = isSecond ? CGROUPS : `${CGROUPS}/cpu`;
  const group = `${root}/tcp-shaker-${pid}`;
  if (isSecond) await Deno.writeTextFile(`${root}/cgroup.subtree_control`, "+cpu");
  await Deno.mkdir(group);
  try {
    if (isSecond) {
      await Deno.writeTextFile(`${group}/cpu.max`, `${quotaUs} ${periodUs}`);
    } else {
      await Deno.writeTextFile(`${group}/cpu.cfs_period_us`, String(periodUs));
      await Deno.writeTextFile(`${group}/cpu.cfs_quota_us`, String(quotaUs));
    }
    await Deno.writeTextFile(`${group}/cgroup.procs`, String(pid));
    await sleep(seconds * 1000);
    await Deno.writeTextFile(`${root}/cgroup.procs`, String(pid));
  } finally {
    await Deno.remove(group);
  }
}

/** Runs endless busy loops beside a process that has the lowest priority (nice 19). */
export async function lowerPriority(pid: number, seconds: number): Promise<void> {
  await new Deno.Command("renice", { args: ["-n", "19", "--pid", String(pid)], stdout: "null" }).output();
  for (const task of Deno.readDirSync(`/proc/${pid}/task`)) {
    await new Deno.Command("renice", { args: ["-n", "19", "--pid", task.name], stdout: "null" }).output();
  }
  const loops = Array.from(
    { length: 2 * navigator.hardwareConcurrency },
    () => new Deno.Command("sh", { args: ["-c", "while :; do :; done"] }).spawn(),
  );
  await sleep(seconds * 1000);
  for (const loop of loops) loop.kill("SIGKILL");
  await Promise.all(loops.map((loop) => loop.status));
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

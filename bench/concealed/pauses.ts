/** Ways to keep a process from its CPU. Each is applied until it is disposed of. */

import { existsSync } from "node:fs";

const CGROUPS = "/sys/fs/cgroup";

/** Stops processes again and again, 0.3 s each, which is longer than the kernel holds an ACK back. */
export async function stop(children: Deno.ChildProcess[], stops: number): Promise<void> {
  const each = Math.ceil(stops / children.length);
  await Promise.all(children.map(async (child) => {
    for (let i = 0; i < each; i++) {
      // At random, so that it finds the process at any step of a check.
      await sleep(5 + Math.random() * 20);
      child.kill("SIGSTOP");
      await sleep(300);
      child.kill("SIGCONT");
    }
  }));
}

/** Gives a process so much CPU in each period, by a control group of version 2, or 1 where there is that one only. */
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

/** Lets loops that never end have the CPU before a process, which is as nice as can be. */
export async function outrank(pid: number, seconds: number): Promise<void> {
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

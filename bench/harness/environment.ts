/** The machine that the benchmark runs on. */

import { canRun } from "./can_run.ts";

/**
 * Makes a network namespace with all capabilities but without root's user id: tcpdump drops root for a user that the
 * namespace does not map.
 */
export const UNSHARE = ["unshare", "--user", "--map-user=1000", "--keep-caps", "--net"];

/** Whether network namespaces can be made. */
export async function canIsolate(): Promise<boolean> {
  return await canRun(...UNSHARE, "ip", "link", "set", "lo", "up");
}

/** The machine and the versions, as Markdown. */
export function machine(command: string): string {
  const cpu = /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  return [
    `- Machine: ${cpu}, ${navigator.hardwareConcurrency} cores; Linux ${Deno.osRelease()}; Deno ${Deno.version.deno}`,
    `- Command: \`${command}\``,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
  ].join("\n");
}

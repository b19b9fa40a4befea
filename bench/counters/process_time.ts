/** CPU time of processes, by proc_pid_stat(5). */

/** The value of `sysconf(_SC_CLK_TCK)` on every Linux. */
const USER_HZ = 100;

/** User and system time, in microseconds, of a process. */
export function cpuMicrosOf(pid: number): number {
  const [utime, stime] = times(pid);
  return utime + stime;
}

/** User and system time, in microseconds, of all children that have ended. */
export function cpuMicrosOfChildren(): number {
  const [, , cutime, cstime] = times("self");
  return cutime + cstime;
}

/** utime, stime, cutime, cstime. */
function times(pid: number | "self"): number[] {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return fields.slice(11, 15).map((ticks) => Number(ticks) * (1e6 / USER_HZ));
}

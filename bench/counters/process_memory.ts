/** Resident memory of a process (proc_pid_status(5)). */

/** Reads how much memory a process has resident, in bytes. */
export function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]);
}

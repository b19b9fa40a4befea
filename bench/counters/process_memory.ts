/** Resident memory of a process (proc_pid_status(5)). */

/** Reads the resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]);
}

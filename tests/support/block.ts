/** Blocks JavaScript for a time, in which no promise, timer or callback runs. The thread sleeps, and takes no CPU time. */
export function blockEventLoop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

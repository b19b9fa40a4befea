/** Blocks JavaScript: no promise, timer or callback runs in that time. The thread sleeps, and takes no CPU time from others. */
export function blockEventLoop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

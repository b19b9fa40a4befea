/** Keeps JavaScript busy: no promise, timer or callback runs meanwhile. */
export function blockEventLoop(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

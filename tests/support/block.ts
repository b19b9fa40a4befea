/** Blocks JavaScript: no promise, timer or callback runs in that time. */
export function blockEventLoop(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Many targets that are all this host. */

/**
 * Gives one of many targets that the same listener is behind.
 *
 * @param target The first of them: 127.0.0.1, and a port.
 * @param n Which.
 */
export function addressOf(target: string, n: number): string {
  const host = n + 1;
  return `127.${host >> 16}.${host >> 8 & 255}.${host & 255}${target.slice(target.indexOf(":"))}`;
}

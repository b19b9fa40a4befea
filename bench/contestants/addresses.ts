/** Many addresses of this host with one listener. */

/**
 * Returns one of many targets with the same listener.
 *
 * @param target The first of them: 127.0.0.1, and a port.
 * @param n The index.
 */
export function addressOf(target: string, n: number): string {
  const host = n + 1;
  return `127.${host >> 16}.${host >> 8 & 255}.${host & 255}${target.slice(target.indexOf(":"))}`;
}

/** Listen addresses. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** A host and a port; port 0 is any free port. */
export interface ListenAddress {
  /** An IP address without brackets, or a name. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/**
 * Parses a listen address.
 *
 * @param text `"127.0.0.1:9116"`, `"[::1]:9116"` or `"localhost:9116"`.
 * @returns The address.
 * @throws {TypeError} If the text is malformed.
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, host, port] = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? [];
  const hostname = host && URL.parse(`http://${host}`)?.hostname;
  if (!hostname || Number(port) > 65535) {
    throw new TypeError(`Cannot listen on ${quote(text)}: use an address and a port, such as 127.0.0.1:9116`);
  }
  return { hostname: hostname.replaceAll(/[[\]]/g, ""), port: Number(port) };
}

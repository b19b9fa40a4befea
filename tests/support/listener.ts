/** Ports to check. */

import { loadLibrary } from "../../lib/library.ts";

// Loaded before the first test, since it stays loaded: a test that loaded it would be said to leak it.
await loadLibrary();

/** A port that is open, and behind which nobody accepts. */
export class OpenPort implements Disposable {
  readonly #listener: Deno.TcpListener;

  constructor(hostname = "127.0.0.1") {
    this.#listener = Deno.listen({ hostname, port: 0 });
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** "host:port" */
  get target(): string {
    const { hostname, port } = this.#listener.addr;
    return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

/** A port that was just closed. */
export function closedPort(hostname = "127.0.0.1"): string {
  using open = new OpenPort(hostname);
  return open.target;
}

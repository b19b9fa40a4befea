/** Ports to check. */

import { loadLibrary } from "../../lib/native/library.ts";

// Loaded before the first test, since it stays loaded: a test that loaded it would be said to leak it.
await loadLibrary();

/** A port that is open. Whoever connects is let go. */
export class OpenPort implements Disposable {
  readonly #listener: Deno.TcpListener;

  constructor(hostname = "127.0.0.1") {
    // Room for all who come before the first of them is accepted.
    this.#listener = Deno.listen({ hostname, port: 0, tcpBacklog: 4096 });
    dismissAll(this.#listener);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** "host:port" */
  get target(): string {
    return target(this.#listener);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

/** Accepts all connections, and closes them, until the listener is closed. */
export async function dismissAll(listener: Deno.TcpListener): Promise<void> {
  while (true) {
    try {
      (await listener.accept()).close();
    } catch (error) {
      // Who was reset before accept() was called has no address any more.
      if (!(error instanceof Deno.errors.NotConnected)) return;
    }
  }
}

/** A port that was just closed. */
export function closedPort(hostname = "127.0.0.1"): string {
  // Not one that somebody waits to accept at: that listener would be there for a moment longer.
  using listener = Deno.listen({ hostname, port: 0 });
  return target(listener);
}

function target({ addr: { hostname, port } }: Deno.TcpListener): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Ports to check. */

import { loadLibrary } from "../../lib/native/library.ts";

// Loaded before the first test, because it stays loaded: the sanitizer would report a leak of the test that loads it.
await loadLibrary();

/** An open port. Connections are accepted and closed. */
export class OpenPort implements Disposable {
  readonly #listener: Deno.TcpListener;

  constructor(hostname = "127.0.0.1") {
    // Room for all connections that arrive before the first is accepted.
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
      // A connection that was reset before accept() has no address.
      if (!(error instanceof Deno.errors.NotConnected)) return;
    }
  }
}

/** A port that was just closed. */
export function closedPort(hostname = "127.0.0.1"): string {
  // A listener without a pending accept(), which would keep it open for a moment.
  using listener = Deno.listen({ hostname, port: 0 });
  return target(listener);
}

function target({ addr: { hostname, port } }: Deno.TcpListener): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

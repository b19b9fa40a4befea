/** Ports to check. */

import { loadLibrary } from "../../lib/native/library.ts";

// The library is loaded before the first test, because it stays loaded: the sanitizer would report a leak.
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
    return target(this.#listener.addr);
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

/**
 * A closed port below the range of ephemeral ports, because another process could get one of these.
 */
export function closedPort(hostname = "127.0.0.1"): string {
  const [first] = Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range").split("\t").map(Number);
  const bound = ["tcp", "tcp6"].flatMap((table) => boundPorts(`/proc/net/${table}`));
  while (true) {
    const port = 1024 + Math.floor(Math.random() * (first - 1024));
    if (!bound.includes(port)) return target({ hostname, port });
  }
}

/** The local ports in a table of sockets of the kernel. */
function boundPorts(table: string): number[] {
  return Array.from(Deno.readTextFileSync(table).matchAll(/^ *\d+: \w+:(\w+)/gm), ([, port]) => parseInt(port, 16));
}

function target({ hostname, port }: { hostname: string; port: number }): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

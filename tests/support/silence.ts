/** Silent ports. */

/** The smallest backlog; the kernel queues one connection more than this. */
const BACKLOG = 1;

/**
 * A port of this host that drops every SYN: its listener's accept queue is full, because it never calls accept().
 *
 * Needs no privileges and no firewall. (`tcp_conn_request`: with a full accept queue the SYN is silently dropped.)
 */
export class SilentPort implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #waiting: Deno.TcpConn[] = [];

  private constructor(hostname: string, port: number) {
    this.#listener = Deno.listen({ hostname, port, tcpBacklog: BACKLOG });
  }

  /** Opens a port, and fills its queue. */
  static async open(hostname = "127.0.0.1", port = 0): Promise<SilentPort> {
    const silent = new SilentPort(hostname, port);
    try {
      while (silent.#waiting.length <= BACKLOG) {
        silent.#waiting.push(await Deno.connect({ hostname, port: silent.port }));
      }
    } catch (error) {
      silent[Symbol.dispose]();
      throw error;
    }
    return silent;
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** "host:port" */
  get target(): string {
    const { hostname, port } = this.#listener.addr;
    return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  }

  /** Empties the queue, so that the port answers. */
  async speak(): Promise<void> {
    for (const _ of this.#waiting) (await this.#listener.accept()).close();
  }

  /**
   * Returns the number of connections in the accept queue. Makes a full connection, and accepts connections until this
   * one.
   */
  async countAccepted(): Promise<number> {
    const { hostname } = this.#listener.addr;
    using last = await Deno.connect({ hostname, port: this.port });
    const { port: own } = last.localAddr as Deno.NetAddr;
    for (let others = 0;; others++) {
      using connection = await this.#listener.accept();
      if (connection.remoteAddr.port === own) return others;
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#waiting) connection.close();
    this.#listener.close();
  }
}

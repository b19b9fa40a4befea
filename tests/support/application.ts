/** An application behind a port, which records connections. */

const NO_PORT = 0;

/** Accepts all connections, and records their source ports. */
export class Application implements Disposable {
  readonly #listener: Deno.TcpListener;
  /** The source ports of connections, in order. */
  readonly #visitors: number[] = [];
  #closed = false;
  #onVisitor: () => void = () => {};

  constructor(hostname = "127.0.0.1", port = 0, tcpBacklog?: number) {
    this.#listener = Deno.listen({ hostname, port, tcpBacklog });
    this.#acceptAll();
  }

  get address(): { hostname: string; port: number } {
    const { hostname, port } = this.#listener.addr;
    return { hostname, port };
  }

  /**
   * Returns how often accept() has returned so far: the number of visible checks.
   *
   * Makes a full connection, and waits until it is accepted. Connections are accepted in order, so the number is
   * certain, unlike after a wait for nothing to happen.
   */
  async countVisitors(): Promise<number> {
    const noticed = Promise.withResolvers<number>();
    using visitor = await Deno.connect(this.address);
    const own = (visitor.localAddr as Deno.NetAddr).port;
    this.#onVisitor = () => {
      const index = this.#visitors.lastIndexOf(own);
      if (index >= 0) noticed.resolve(index);
    };
    this.#onVisitor();
    return await noticed.promise;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#listener.close();
  }

  async #acceptAll(): Promise<void> {
    while (true) {
      const port = await this.#accept();
      if (this.#closed) return;
      this.#visitors.push(port);
      this.#onVisitor();
    }
  }

  async #accept(): Promise<number> {
    try {
      using connection = await this.#listener.accept();
      return connection.remoteAddr.port;
    } catch {
      // accept() also returns for a connection that is already reset and has no address.
      return NO_PORT;
    }
  }
}

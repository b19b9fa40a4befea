/** An application behind a port, which knows who has connected. */

const NO_PORT = 0;

/** Accepts all connections, and remembers where they came from. */
export class Application implements Disposable {
  readonly #listener: Deno.TcpListener;
  /** The ports of those who have connected, in that order. */
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
   * Gives the number of times that accept() has returned so far: of the checks that were noticed.
   *
   * Connects for real, and waits for that to be noticed: connections are accepted in the order in which they came. So
   * the number is certain, where waiting for nothing to happen is not.
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
      // Who was reset before accept() was called has no address any more: accept() returned nonetheless.
      return NO_PORT;
    }
  }
}

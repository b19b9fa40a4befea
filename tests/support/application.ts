/** An application behind a port, which records connections. */

const NO_PORT = 0;

/** Accepts all connections, and records their source ports. */
export class Application implements Disposable {
  readonly #listener: Deno.TcpListener;
  /** The source ports of connections, in order. */
  readonly #accepted: number[] = [];
  #closed = false;
  #onAccept: () => void = () => {};

  constructor(hostname = "127.0.0.1", port = 0, tcpBacklog?: number) {
    this.#listener = Deno.listen({ hostname, port, tcpBacklog });
    this.#acceptAll();
  }

  get address(): { hostname: string; port: number } {
    const { hostname, port } = this.#listener.addr;
    return { hostname, port };
  }

  /**
   * Returns the number of accepted connections, which are the visible checks.
   *
   * Makes a full connection, and waits until it is accepted. Connections are accepted in order, so all earlier ones are
   * counted.
   */
  async countAccepted(): Promise<number> {
    const noticed = Promise.withResolvers<number>();
    using last = await Deno.connect(this.address);
    const own = (last.localAddr as Deno.NetAddr).port;
    this.#onAccept = () => {
      const index = this.#accepted.lastIndexOf(own);
      if (index >= 0) noticed.resolve(index);
    };
    this.#onAccept();
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
      this.#accepted.push(port);
      this.#onAccept();
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

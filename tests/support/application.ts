/** An application behind a port, which knows whether anybody has connected. */

/** Accepts one connection, and remembers whose it was. */
export class Application implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #firstVisitor: Promise<number>;

  constructor(hostname = "127.0.0.1", port = 0) {
    this.#listener = Deno.listen({ hostname, port });
    this.#firstVisitor = this.#accept();
    // Whoever asks learns of it.
    this.#firstVisitor.catch(() => {});
  }

  get address(): { hostname: string; port: number } {
    const { hostname, port } = this.#listener.addr;
    return { hostname, port };
  }

  /**
   * Whether no check so far has made accept() return. Can be asked once.
   *
   * Connects for real: connections are accepted in the order in which they came, so a check that was noticed would be
   * accepted first. That is certain, where waiting for nothing to happen is not.
   */
  async sawNobody(): Promise<boolean> {
    using visitor = await Deno.connect(this.address);
    return await this.#firstVisitor === (visitor.localAddr as Deno.NetAddr).port;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  /** Gives the port that the first visitor came from. */
  async #accept(): Promise<number> {
    using connection = await this.#listener.accept();
    return connection.remoteAddr.port;
  }
}

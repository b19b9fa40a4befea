/** A port that doesn't answer. */

/** A listener whose accept queue is full: Linux drops the SYNs that come then (`TCPBacklog drops`). */
export class SilentPort implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #connections: Deno.TcpConn[];

  private constructor(listener: Deno.TcpListener, connections: Deno.TcpConn[]) {
    this.#listener = listener;
    this.#connections = connections;
  }

  /** Opens a port and fills its queue, which has room for one connection more than its length. */
  static async open(): Promise<SilentPort> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
    const { hostname, port } = listener.addr;
    const connections = [await Deno.connect({ hostname, port }), await Deno.connect({ hostname, port })];
    return new SilentPort(listener, connections);
  }

  get target(): string {
    const { hostname, port } = this.#listener.addr;
    return `${hostname}:${port}`;
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.close();
    this.#listener.close();
  }
}

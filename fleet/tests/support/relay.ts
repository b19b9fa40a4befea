/** TCP relay to a server, which a test can stall, as if the network dropped all packets. */

export class Relay implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: Deno.ConnectOptions;
  readonly #connections = new Set<Deno.TcpConn>();
  #isHeld = false;
  #released = Promise.withResolvers<void>();

  /** @param target The server. */
  constructor(target: Deno.ConnectOptions) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void this.#accept();
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Stalls: forwards nothing. Connections stay open. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Forwards new connections again, and closes the stalled ones. */
  release(): void {
    this.#isHeld = false;
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) void this.#relay(client);
  }

  async #relay(client: Deno.TcpConn): Promise<void> {
    this.#connections.add(client);
    if (this.#isHeld) await this.#released.promise;
    const server = await Deno.connect(this.#target).catch(() => undefined);
    if (server === undefined) return close(client);
    this.#connections.add(server);
    await Promise.all([this.#forward(client, server), this.#forward(server, client)]);
  }

  async #forward(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        if (this.#isHeld) await this.#released.promise;
        for (let sent = 0; sent < size;) sent += await to.write(buffer.subarray(sent, size));
      }
    } catch {
      // One of the two has closed.
    }
    for (const connection of [from, to]) {
      close(connection);
      this.#connections.delete(connection);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.release();
    return Promise.resolve();
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Already closed.
  }
}

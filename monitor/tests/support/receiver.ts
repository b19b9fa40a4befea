/** An HTTP server on loopback that keeps the posted bodies. */

import { eventually } from "./daemon.ts";

/** The posted bodies. */
export interface Posted {
  readonly path: string;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

export class Receiver implements AsyncDisposable {
  readonly posted: Posted[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /**
   * @param respond Makes the response to a request.
   * @param port The port; 0 for any free one.
   */
  constructor(respond: (posted: Posted) => Response | Promise<Response> = () => new Response(), port = 0) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, async (request) => {
      const { headers, url } = request;
      const posted = { path: new URL(url).pathname, headers, body: await request.json() };
      this.posted.push(posted);
      return await respond(posted);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Waits until the given number of requests has arrived. */
  async until(count: number): Promise<void> {
    await eventually(() => this.posted.length, (length) => length >= count);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

import { assertEquals } from "@std/assert";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A running example, which the test ends. */
class Example implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #text: ReadableStream<string>;
  #seen = "";

  constructor(name: string, args: string[]) {
    const flags = ["--no-prompt", `--config=${ROOT}deno.json`, "--allow-ffi", "--allow-net=127.0.0.1"];
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, `${ROOT}monitor/examples/${name}`, ...args],
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "inherit",
    });
    this.#child = command.spawn();
    this.#text = this.#child.stdout.pipeThrough(new TextDecoderStream());
  }

  /** Waits until it has printed something; returns all that it has printed. */
  async printed(wanted: string | RegExp): Promise<string> {
    const has = () => typeof wanted === "string" ? this.#seen.includes(wanted) : wanted.test(this.#seen);
    if (has()) return this.#seen;
    for await (const text of this.#text.values({ preventCancel: true })) {
      this.#seen += text;
      if (has()) return this.#seen;
    }
    throw new Error(`It has ended, and printed only: ${this.#seen}`);
  }

  async end(): Promise<Deno.CommandStatus> {
    this.#child.kill("SIGTERM");
    return await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end().catch(() => {});
    await this.#text.cancel();
  }
}

/** A backend that sends its name and closes the connection. A test may stop it early. */
class Backend implements Disposable {
  readonly #listener: Deno.TcpListener;
  #isClosed = false;

  constructor(name: string, port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#greet(name);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get target(): string {
    return `127.0.0.1:${this.port}`;
  }

  async #greet(name: string): Promise<void> {
    // accept() ends with the listener.
    for await (const connection of this.#listener) {
      await connection.write(new TextEncoder().encode(name)).catch(() => {});
      connection.close();
    }
  }

  close(): void {
    if (!this.#isClosed) this.#listener.close();
    this.#isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

async function greeting(port: number): Promise<string> {
  const { readable } = await Deno.connect({ hostname: "127.0.0.1", port });
  return await new Response(readable).text();
}

Deno.test("examples/pool.ts sends connections round-robin to the backends that are up", async () => {
  using one = new Backend("one");
  using two = new Backend("two");
  await using pool = new Example("pool.ts", [one.target, two.target]);
  const port = Number((await pool.printed(/on port \d+\n/)).match(/port (\d+)/)![1]);
  await pool.printed(`${one.target} is up\n`);
  await pool.printed(`${two.target} is up\n`);
  assertEquals((await Promise.all([1, 2, 3, 4].map(() => greeting(port)))).sort(), ["one", "one", "two", "two"]);
  two.close();
  await pool.printed(`${two.target} is down\n`);
  assertEquals(await Promise.all([1, 2, 3].map(() => greeting(port))), ["one", "one", "one"]);
  using again = new Backend("two", two.port);
  await pool.printed(new RegExp(`${again.target} is up\n[^]*${again.target} is up\n`));
  assertEquals((await Promise.all([1, 2].map(() => greeting(port)))).sort(), ["one", "two"]);
});

Deno.test("examples/failover.ts replaces a primary that is down, and does not move back", async () => {
  using one = new Backend("one");
  using two = new Backend("two");
  await using failover = new Example("failover.ts", [one.target, two.target]);
  await failover.printed(`${one.target} is the primary\n`);
  one.close();
  await failover.printed(`${two.target} takes over from ${one.target}\n`);
  using again = new Backend("again", one.port);
  const up = `${again.target} is up\n`;
  await failover.printed(new RegExp(`${up}[^]*${up}`));
  two.close();
  // Had it moved back when the first came up, it would have printed another move before the second was down.
  const all = await failover.printed(`${again.target} takes over from ${two.target}\n`);
  assertEquals(
    all.slice(all.lastIndexOf(up)),
    [
      `${again.target} is up`,
      `${two.target} is down`,
      `${again.target} takes over from ${two.target}\n`,
    ].join("\n"),
  );
});

Deno.test("examples/healthz.ts answers 503 while a dependency is down", async () => {
  using open = new OpenPort();
  await using server = new Example("healthz.ts", [open.target, closedPort()]);
  const url = (await server.printed(/healthz\n/)).match(/http:\S+/)![0];
  let states: { state: string }[] = [];
  let status = 0;
  // Polls until both states are known.
  while (!(states.length === 2 && states.every(({ state }) => state !== "unknown"))) {
    const response = await fetch(url);
    [states, status] = [await response.json(), response.status];
  }
  assertEquals(states.map(({ state }) => state), ["up", "down"]);
  assertEquals(status, 503);
  const elsewhere = await fetch(new URL("/", url));
  assertEquals([elsewhere.status, await elsewhere.text()], [404, "Not found\n"]);
  assertEquals((await server.end()).code, 0);
});

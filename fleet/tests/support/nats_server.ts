/** NATS server of a test: on loopback, with its storage in a temporary folder. */

import { installServer, SERVER } from "../../../tools/nats/nats_server.ts";
import { ProcessLog } from "./process_log.ts";

/** Why there is no server; `undefined` if there is one. */
export const whyNoServer: string | undefined = await installServer();

/** Time limit of a test in ms, which exceeds every test on a busy machine. */
const LIMIT = 240_000;

/** Rejects after the limit, so that a test that hangs fails, and others of its file follow. */
function overtime(): Promise<never> {
  return new Promise((_, reject) => {
    Deno.unrefTimer(setTimeout(() => reject(new Error("The test did not end in four minutes")), LIMIT));
  });
}

/** Registers a test that needs a server. If none can be installed the test is skipped, with the reason in its name. */
export function natsTest(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  // The client clears the timers of answered requests later.
  const bounded = (test: Deno.TestContext) => Promise.race([fn(test), overtime()]);
  if (whyNoServer === undefined) Deno.test({ name, fn: bounded, sanitizeOps: false, sanitizeResources: false });
  else Deno.test({ name: `${name} (skipped: ${whyNoServer})`, ignore: true, fn });
}

/** Listen address of a server. */
export interface Place {
  /** Loopback address that no other process uses, so that its ports stay free while the server is down. */
  readonly hostname: string;
  readonly port: number;
  readonly websocketPort: number;
  readonly routePort: number;
}

let places = 0;

/** Allocates a listen address that no other test uses. */
export function newPlace(): Place {
  const { pid } = Deno;
  const hostname = `127.${64 + (pid >> 16 & 63)}.${pid >> 8 & 255}.${pid & 255 || 1}`;
  const port = 4222 + 10 * places++;
  return { hostname, port, websocketPort: port + 1, routePort: port + 2 };
}

/** The configuration of a server without users. */
export function openConfig({ hostname, port, websocketPort }: Place, folder: string): string {
  return `
    listen: "${hostname}:${port}"
    websocket { listen: "${hostname}:${websocketPort}", no_tls: true }
    jetstream { store_dir: "${folder}" }
  `;
}

/** Options of a server. */
export interface ServerOptions {
  place?: Place;
  /** The configuration, which must listen at the address and store in the folder. */
  config?: (place: Place, folder: string) => string | Promise<string>;
  /** A wrapper command that runs the server, such as `nsenter`. */
  wrapper?: readonly string[];
}

/** A server. */
export class NatsServer implements AsyncDisposable {
  readonly place: Place;
  /** A temporary folder: `server.conf`, and the storage. */
  readonly folder: string;
  readonly #wrapper: readonly string[];
  #child: Deno.ChildProcess | undefined;
  #log: ProcessLog | undefined;

  private constructor(place: Place, folder: string, wrapper: readonly string[]) {
    this.place = place;
    this.folder = folder;
    this.#wrapper = wrapper;
  }

  /** Starts a server, and waits until it is ready. */
  static async start(options: ServerOptions = {}): Promise<NatsServer> {
    const server = await NatsServer.create(options);
    try {
      await server.start();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Writes the configuration of a server without starting it. */
  static async create(
    { place = newPlace(), config = openConfig, wrapper = [] }: ServerOptions = {},
  ): Promise<NatsServer> {
    const server = new NatsServer(place, await Deno.makeTempDir({ prefix: "nats-" }), wrapper);
    await server.configure(await config(place, server.folder));
    return server;
  }

  /** The URL for clients. */
  get url(): string {
    return `nats://${this.place.hostname}:${this.place.port}`;
  }

  /** The URL for clients over WebSocket. */
  get websocketUrl(): string {
    return `ws://${this.place.hostname}:${this.place.websocketPort}`;
  }

  get pid(): number {
    return this.#child!.pid;
  }

  /** The log since the last start. */
  get log(): ProcessLog {
    return this.#log!;
  }

  /** Replaces the configuration. */
  async configure(text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/server.conf`, text);
  }

  /** Starts or restarts the server with the same configuration, storage and ports. */
  async start(): Promise<void> {
    const [program, ...args] = [...this.#wrapper, SERVER, "--config", `${this.folder}/server.conf`];
    this.#child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
    this.#log = new ProcessLog(this.#child.stderr);
    await this.log.until(/Server is ready/);
  }

  /** Reloads the configuration, and waits until the server has read it. */
  async reload(): Promise<void> {
    const { length } = this.log.text;
    this.signal("SIGHUP");
    await this.log.until(/Reloaded server configuration|Failed to reload/, length);
    if (/Failed to reload/.test(this.log.text.slice(length))) throw new Error(this.log.text.slice(length));
  }

  /** Pauses (`SIGSTOP`) or resumes (`SIGCONT`) the server, or sends another signal. */
  signal(signal: Deno.Signal): void {
    this.#child!.kill(signal);
  }

  /** Ends the server, by `SIGKILL` unless another signal is given, and waits for its end. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    try {
      child.kill(signal);
    } catch (error) {
      // The process has already ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await Promise.all([child.status, this.#log!.ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } finally {
      await Deno.remove(this.folder, { recursive: true });
    }
  }
}

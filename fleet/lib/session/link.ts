/** Link to the servers: reconnects with back-off, and runs one session per connection. */

import type { NatsConnection } from "@nats-io/nats-core";
import { connectFleet, type ConnectOptions } from "../connect.ts";
import { isDenied, isUnknownKey, LostConnection } from "../nats/error_kinds.ts";
import { pause } from "./pause.ts";
import { problemOf } from "./problem.ts";
import { untilAborted } from "./until_aborted.ts";

/** Options of {@linkcode Link}. */
export interface LinkOptions {
  /** The servers, and the name of the connection. */
  readonly connection: ConnectOptions;
  /** Runs a session until the signal aborts or it fails. Calls `ready` when the session is established. */
  readonly run: (connection: NatsConnection, signal: AbortSignal, ready: () => void) => Promise<void>;
  /**
   * Whether an earlier process had a session. A refused key is then retried, as after a session of this process.
   *
   * @default {false}
   */
  readonly hasJoined?: boolean;
  /** Called once with the reason of a session's end, until a session is established again. */
  readonly onProblem?: (problem: string) => void;
  /** Called with the server when a session is established again after a problem. */
  readonly onRecovery?: (server: string) => void;
  /**
   * Back-off between sessions: the first and the longest pause, in ms.
   *
   * @default {{ first: 250, longest: 5000 }}
   */
  readonly pauses?: { readonly first: number; readonly longest: number };
}

/**
 * Supervisor of sessions. A session is everything that depends on one connection: subscriptions, leases, pending
 * requests. It ends as a whole when the connection is lost, and the next session reads everything again, so that no
 * code acts on outdated state. The client's own reconnection is off, because it would send outdated buffered messages.
 *
 * If the servers refuse the key before the first session, the key is wrong, and the link does not reconnect. A key that
 * was valid before is retried, because the servers' configuration may change again.
 */
export class Link implements AsyncDisposable {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  readonly #refused = new AbortController();
  readonly #running: Promise<void>;
  #hasJoined: boolean;
  #isConnected = false;
  #problem: string | undefined;

  /**
   * Starts connecting.
   *
   * @param options The servers, and the session to run.
   */
  constructor(options: LinkOptions) {
    this.#options = options;
    this.#hasJoined = options.hasJoined ?? false;
    this.#running = this.#loop();
  }

  /** Whether a session is running. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Aborts with an error if the servers refuse the key before the first session. */
  get refused(): AbortSignal {
    return this.#refused.signal;
  }

  /** Ends the session, and does not reconnect. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { first, longest } = this.#options.pauses ?? { first: 250, longest: 5000 };
    const { signal } = this.#stop;
    let wait = first;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const { problem, isRefusal } = await this.#session();
      if (signal.aborted) return;
      if (isRefusal && !this.#hasJoined) return this.#refused.abort(new Error(problem));
      if (problem !== this.#problem) this.#options.onProblem?.(problem);
      this.#problem = problem;
      // A short session counts as a failed attempt.
      const hasLasted = performance.now() - startedAt > longest;
      if (hasLasted) wait = first;
      // Jitter, so that agents that lost the same server don't all reconnect at once.
      await pause(wait * (0.5 + Math.random()), signal);
      wait = Math.min(2 * wait, longest);
    }
  }

  /** Runs one session. Returns why it ended, and whether the servers refused the key. */
  async #session(): Promise<{ problem: string; isRefusal: boolean }> {
    const end = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, end.signal]);
    let connection: NatsConnection | undefined;
    let running: Promise<void> | undefined;
    const { connection: options } = this.#options;
    let server = options.servers.join(", ");
    try {
      connection = await this.#connect();
      if (connection === undefined) return { problem: "", isRefusal: false };
      this.#isConnected = true;
      server = connection.getServer();
      running = this.#options.run(connection, signal, () => this.#recover(server));
      await Promise.race([running, untilLost(connection)]);
      return { problem: "The session ended", isRefusal: false };
    } catch (error) {
      const isRefusal = isDenied(error as Error) || isUnknownKey(error as Error);
      return { problem: problemOf(error as Error, server, options), isRefusal };
    } finally {
      end.abort();
      this.#isConnected = false;
      // Also ends pending requests.
      await connection?.close().catch(() => {});
      await running?.catch(() => {});
    }
  }

  #recover(server: string): void {
    if (this.#problem !== undefined) this.#options.onRecovery?.(server);
    this.#problem = undefined;
    this.#hasJoined = true;
  }

  /** Connects. The end of the link does not wait for a pending attempt. */
  async #connect(): Promise<NatsConnection | undefined> {
    const connecting = connectFleet(this.#options.connection);
    const connection = await untilAborted(connecting, this.#stop.signal);
    if (connection === undefined) void connecting.then((late) => late.close(), () => {});
    return connection;
  }
}

/** Rejects when a connection is lost. */
async function untilLost(connection: NatsConnection): Promise<never> {
  for await (const { type } of connection.status()) {
    if (type === "disconnect" || type === "staleConnection") break;
  }
  throw new LostConnection();
}

/**
 * A server for HAProxy's `agent-check`: HAProxy sends a target's id, and sets its server up or down by the answer.
 *
 * ```ts ignore
 * import { Monitor } from "@tcp-shaker/monitor";
 * import { AgentCheckServer } from "@tcp-shaker/monitor/agent-check";
 *
 * await using monitor = await Monitor.start(["192.0.2.1:5432"]);
 * await using server = await AgentCheckServer.start(monitor, { port: 9117 });
 * ```
 *
 * HAProxy's server line for it: `server db1 192.0.2.1:5432 check agent-check agent-port 9117 agent-addr 127.0.0.1
 * agent-inter 2s agent-send "192.0.2.1:5432\n"`.
 *
 * @module
 */

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { listen } from "../listen.ts";
import type { TargetState } from "../target_state.ts";
import type { Sink, SinkStatistics, StateSource } from "./sink.ts";

export type { Sink, SinkStatistics, StateSource } from "./sink.ts";

/** Options of an {@linkcode AgentCheckServer}. */
export interface AgentCheckOptions {
  /**
   * The listen address.
   *
   * @default {"127.0.0.1"}
   */
  readonly hostname?: string;
  /**
   * The listen port; 0 for any free port.
   *
   * @default {0}
   */
  readonly port?: number;
}

/** Maximum length of an id in bytes. */
const MAX_QUESTION_BYTES = 256;
/** Timeout of the first byte of a question, in ms. */
const QUESTION_MS = 200;
/**
 * Silence in ms after which a question counts as complete, because HAProxy's `agent-send` may lack the newline. HAProxy
 * waits for the answer as long as its interval between two agent checks.
 */
const REST_MS = 50;
/** Timeout of a connection in ms. */
const CONNECTION_MS = 5000;
/** Maximum number of connections. A further one closes the oldest, so that idle connections can't block clients. */
const MAX_CONNECTIONS = 1024;

/** Answers HAProxy's agent checks from a monitor's states. Needs `--allow-net` for the listen address. */
export class AgentCheckServer implements Sink {
  readonly #states: StateSource;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  #answered = 0;
  #unanswered = 0;

  private constructor(states: StateSource) {
    this.#states = states;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /**
   * Starts a server.
   *
   * @param states The monitor, or other states.
   * @param options The address.
   * @returns The server, which listens.
   * @throws {Error} If listening fails.
   */
  static async start(
    states: StateSource,
    { hostname = "127.0.0.1", port = 0 }: AgentCheckOptions = {},
  ): Promise<AgentCheckServer> {
    const agent = new AgentCheckServer(states);
    await listen(agent.#server, { hostname, port });
    return agent;
  }

  /** The listen address. */
  get address(): { readonly hostname: string; readonly port: number } {
    const { address: hostname, port } = this.#server.address() as AddressInfo;
    return { hostname, port };
  }

  /** Ignores events, because answers depend only on the states. */
  take(): void {}

  /**
   * Counts: `delivered` answers, and connections without one (`dropped`), because the id or the state is unknown, the
   * client was too slow, or there were too many connections.
   */
  statistics(): SinkStatistics {
    return { delivered: this.#answered, failed: 0, dropped: this.#unanswered, waiting: 0 };
  }

  /** Closes the server and its connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#connections) socket.destroy();
    await promise;
  }

  #serve(socket: Socket): void {
    if (this.#connections.size >= MAX_CONNECTIONS) this.#connections.values().next().value!.destroy();
    this.#connections.add(socket);
    let question = "";
    let isAnswered = false;
    const answer = () => {
      if (isAnswered) return;
      isAnswered = true;
      const text = answerTo(this.#states.get(question.trim()));
      if (text === undefined) {
        this.#unanswered++;
        socket.end();
      } else {
        this.#answered++;
        socket.end(text);
      }
    };
    const limit = setTimeout(() => socket.destroy(), CONNECTION_MS);
    socket.setEncoding("utf8");
    socket.setTimeout(QUESTION_MS, answer);
    socket.on("data", (text: string) => {
      socket.setTimeout(REST_MS);
      question += text;
      const end = question.search(/[\r\n]/);
      if (end >= 0) question = question.slice(0, end);
      if (end >= 0 || question.length > MAX_QUESTION_BYTES) answer();
    });
    socket.on("end", answer);
    // After a reset no client waits for the answer.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(limit);
      this.#connections.delete(socket);
      if (!isAnswered) this.#unanswered++;
    });
  }
}

/**
 * Returns the answer to an agent check. Every answer except `maint` begins with `ready`, because only `ready` ends
 * HAProxy's maintenance.
 *
 * @param state The state of the target; `undefined` if there is no such target.
 * @returns The answer; `undefined` if the state is unknown, so that HAProxy keeps the server's state.
 */
export function answerTo(state: TargetState | undefined): string | undefined {
  switch (state?.state) {
    case "up":
      return state.flapping ? "ready down #flapping\n" : "ready up\n";
    case "down":
      return `ready down #${state.result?.status ?? "down"}\n`;
    case "maintenance":
      return "maint\n";
    default:
      return undefined;
  }
}

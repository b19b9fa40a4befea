/** The set of an agent's sinks, each of which gets all events. */

import { atMost } from "../at_most.ts";
import type { SinkConfiguration } from "../config/configuration.ts";
import { secretKey } from "../config/values/secret.ts";
import type { MonitorEvent } from "../event.ts";
import { CLOSE_TIMEOUT_MS, type Sink } from "../sinks/sink.ts";
import { openSink, type SinkHost } from "./open_sink.ts";
import type { SinkStatus } from "./view.ts";

/** Time limit for closing all sinks, in ms. Each sink gives up earlier, and reports dropped messages. */
const CLOSE_TIMEOUT = CLOSE_TIMEOUT_MS + 200;

/** A sink, and its configuration as a key. */
interface Member {
  readonly key: string;
  readonly type: string;
  readonly sink: Sink;
}

/** Open sinks, in the order of the configuration. */
export class SinkSet implements AsyncDisposable {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /**
   * Opens sinks.
   *
   * @param configurations The sinks' configurations.
   * @param host The services of the agent.
   * @param before The sinks to replace. A sink with the same configuration is kept, with its queue.
   * @returns The sinks.
   * @throws {Error} If a sink can't be opened. Sinks opened before are closed again.
   */
  static async open(
    configurations: readonly SinkConfiguration[],
    host: SinkHost,
    before: SinkSet = new SinkSet([]),
  ): Promise<SinkSet> {
    await using stack = new AsyncDisposableStack();
    const reusable = [...before.#members];
    const members: Member[] = [];
    for (const configuration of configurations) {
      const { type } = configuration;
      const key = secretKey(configuration);
      const index = reusable.findIndex((member) => member.key === key);
      if (index >= 0) members.push(...reusable.splice(index, 1));
      else members.push({ key, type, sink: stack.use(await openSink(configuration, host)) });
    }
    stack.move();
    return new SinkSet(members);
  }

  /** Passes an event to all sinks. */
  take(event: MonitorEvent): void {
    for (const { sink } of this.#members) sink.take(event);
  }

  /** The counts of each sink. */
  statuses(): SinkStatus[] {
    return this.#members.map(({ type, sink }, index) => ({ type, index, ...sink.statistics() }));
  }

  /** Closes the sinks that another set has not kept. */
  async closeExcept(other: SinkSet): Promise<void> {
    await close(this.#members.filter((member) => !other.#members.includes(member)));
  }

  /** Closes all sinks. */
  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#members);
  }
}

/** Closes sinks in parallel. Each delivers its queued messages within {@linkcode CLOSE_TIMEOUT}, and drops the rest. */
async function close(members: readonly Member[]): Promise<void> {
  await atMost(CLOSE_TIMEOUT, Promise.all(members.map(({ sink }) => sink[Symbol.asyncDispose]())));
}

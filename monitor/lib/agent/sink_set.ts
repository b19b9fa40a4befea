/** The sinks of an agent: hands each event to all of them. */

import type { SinkConfiguration } from "../config/configuration.ts";
import type { MonitorEvent } from "../event.ts";
import type { Sink } from "../sinks/sink.ts";
import { openSink, type SinkHost } from "./open_sink.ts";
import type { SinkStatus } from "./view.ts";

/** How long closing may take, in ms: service managers give a process that has a SIGTERM two seconds and more. */
const CLOSE_TIMEOUT = 1500;

/** Open sinks, in the order of the configuration. */
export class SinkSet implements AsyncDisposable {
  readonly #sinks: readonly (readonly [type: string, sink: Sink])[];

  private constructor(sinks: readonly (readonly [type: string, sink: Sink])[]) {
    this.#sinks = sinks;
  }

  /**
   * Opens sinks.
   *
   * @param configurations The sinks' configurations.
   * @param host What sinks may use.
   * @returns The sinks.
   * @throws {Error} If one can't be opened: the others are closed again.
   */
  static async open(configurations: readonly SinkConfiguration[], host: SinkHost): Promise<SinkSet> {
    await using stack = new AsyncDisposableStack();
    const sinks: (readonly [string, Sink])[] = [];
    for (const configuration of configurations) {
      sinks.push([configuration.type, stack.use(await openSink(configuration, host))]);
    }
    stack.move();
    return new SinkSet(sinks);
  }

  /** Hands an event to all sinks. */
  take(event: MonitorEvent): void {
    for (const [, sink] of this.#sinks) sink.take(event);
  }

  /** The counts of each sink. */
  statuses(): SinkStatus[] {
    return this.#sinks.map(([type, sink], index) => ({ type, index, ...sink.statistics() }));
  }

  /** Closes all sinks at once: each delivers what waits, as far as it can within {@linkcode CLOSE_TIMEOUT}. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.all(this.#sinks.map(([, sink]) => sink[Symbol.asyncDispose]()));
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_TIMEOUT);
    await Promise.race([closed, timeout]);
    clearTimeout(timer);
  }
}

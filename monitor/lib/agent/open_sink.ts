/** Opens the sinks of a configuration. A sink's module is loaded when a configuration has one of its type. */

import type { SinkConfiguration } from "../config/configuration.ts";
import type { Sink, StateSource } from "../sinks/sink.ts";

/** What sinks may use. */
export interface SinkHost {
  /** The states of all targets. */
  readonly states: StateSource;
  /** Takes a message about a delivery that failed. */
  readonly onFailure: (message: string) => void;
}

/** Opens a sink of each type. */
const OPENERS: {
  readonly [Type in SinkConfiguration["type"]]: (
    configuration: Extract<SinkConfiguration, { type: Type }>,
    host: SinkHost,
  ) => Promise<Sink>;
} = {
  async exec({ program, timeout }, { onFailure }) {
    const { ExecSink } = await import("../sinks/exec.ts");
    return new ExecSink(program, onFailure, timeout);
  },
};

/**
 * Opens a sink.
 *
 * @param configuration The sink's configuration.
 * @param host What it may use.
 * @returns The sink.
 * @throws {Error} If it can't be opened.
 */
export function openSink(configuration: SinkConfiguration, host: SinkHost): Promise<Sink> {
  // The compiler can't see that the opener is that of this type.
  const open = OPENERS[configuration.type] as (configuration: SinkConfiguration, host: SinkHost) => Promise<Sink>;
  return open(configuration, host);
}

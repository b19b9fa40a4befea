/** Opens the sinks of a configuration. Their modules are loaded on demand. */

import type { ReceiverConfiguration, SinkConfiguration } from "../config/configuration.ts";
import { parseListenAddress } from "../listen_address.ts";
import type { Receiver } from "../sinks/post.ts";
import type { Sink, StateSource } from "../sinks/sink.ts";

/** Services of an agent for its sinks. */
export interface SinkHost {
  /** The states of all targets. */
  readonly states: StateSource;
  /** Called with a message when a delivery fails. */
  readonly onFailure: (message: string) => void;
  /** Default delay of alerts, in ms. */
  readonly wait?: number;
  /** Ids of targets whose `TargetDown` another process has sent. */
  readonly announced?: readonly string[];
  /** Called before each delivery, which is cancelled if the promise rejects. */
  readonly confirm?: () => Promise<void>;
}

/** Opens a sink of each type. */
const OPENERS: {
  readonly [Type in SinkConfiguration["type"]]: (
    configuration: Extract<SinkConfiguration, { type: Type }>,
    host: SinkHost,
  ) => Promise<Sink>;
} = {
  async agent_check({ listen }, { states }) {
    const { AgentCheckServer } = await import("../sinks/agent_check.ts");
    return AgentCheckServer.start(states, parseListenAddress(listen));
  },
  async alertmanager({ alertmanagers, resend, wait }, host) {
    const { AlertmanagerSink } = await import("../sinks/alertmanager.ts");
    const { states, onFailure, announced } = host;
    const receivers = alertmanagers.map((configuration) => receiver(configuration, host));
    return new AlertmanagerSink(states, receivers, { resend, wait: wait ?? host.wait, announced, onFailure });
  },
  async exec({ program, timeout }, { onFailure, confirm }) {
    const { ExecSink } = await import("../sinks/exec.ts");
    return new ExecSink(program, { onFailure, timeout, confirm });
  },
  async webhook({ externalUrl, wait, ...configuration }, host) {
    const { WebhookSink } = await import("../sinks/webhook.ts");
    const { states, onFailure, announced } = host;
    const options = { externalUrl, wait: wait ?? host.wait, announced, onFailure };
    return new WebhookSink(states, receiver(configuration, host), options);
  },
};

function receiver({ url, token, timeout }: ReceiverConfiguration, { confirm }: SinkHost): Receiver {
  const headers = token && { Authorization: `Bearer ${token.reveal()}` };
  // The schema requires the URL.
  return { url: url!.reveal(), headers, timeout, confirm };
}

/**
 * Opens a sink.
 *
 * @param configuration The sink's configuration.
 * @param host The services of the agent.
 * @returns The sink.
 * @throws {Error} If the sink can't be opened.
 */
export function openSink(configuration: SinkConfiguration, host: SinkHost): Promise<Sink> {
  // The compiler can't relate the opener to the type of the configuration.
  const open = OPENERS[configuration.type] as (configuration: SinkConfiguration, host: SinkHost) => Promise<Sink>;
  return open(configuration, host);
}

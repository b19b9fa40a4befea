/** View of states that a test sets, for the HTTP server. */

import type { MonitorEvent } from "../../mod.ts";
import type { AgentView } from "../../lib/agent/mod.ts";
import { EventStream } from "../../lib/event_stream.ts";
import { StateTable } from "./state_table.ts";

/** States and their events. */
export class StateView {
  /** The states. Pass the events that its methods return to {@linkcode StateView.publish}. */
  readonly states: StateTable = new StateTable(Date.now);
  readonly #stream = new EventStream();

  /** Sends an event to the server. */
  publish(event: MonitorEvent): void {
    this.#stream.publish(event as Parameters<EventStream["publish"]>[0]);
  }

  /** The view that the server reads. */
  agent(serve: AgentView["configuration"]["serve"] = {}): AgentView {
    const reloadStatus = { isSuccessful: true, succeededAt: 0, problems: [] };
    return {
      monitor: {
        get: (id) => this.states.get(id),
        states: () => this.states.states(),
        events: (options) => this.#stream.open(options),
      },
      configuration: {
        monitor: {},
        targets: [],
        groups: {},
        lists: [],
        serve: { listen: "127.0.0.1:0", ...serve },
        sinks: [],
      },
      reloadStatus,
      lists: () => [],
      sinks: () => [],
      reload: () => Promise.resolve(reloadStatus),
    };
  }
}

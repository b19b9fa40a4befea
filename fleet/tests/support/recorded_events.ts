/** Events that an agent publishes, and events that the fleet receives. */

import type { FleetAgent } from "../../lib/agent/mod.ts";
import type { StubProber } from "./stub_prober.ts";

/** Records the sequences of the events of an agent that the fleet receives from now on. */
export function recordSequences(agent: FleetAgent): readonly number[] {
  const sequences: number[] = [];
  void (async () => {
    for await (const { type, ...event } of agent.monitor.events()) {
      if (type !== "added" && type !== "removed" && "sequence" in event) sequences.push(event.sequence);
    }
  })();
  return sequences;
}

/** Records the events of an agent whose targets go down and up repeatedly. */
export class RecordedEvents implements Disposable {
  /** The sequences of the events that the agent publishes, in order. */
  readonly sequences: readonly number[];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(agent: FleetAgent, prober: StubProber, targets: readonly string[]) {
    this.sequences = recordSequences(agent);
    let turn = 0;
    this.#timer = setInterval(() => {
      const target = targets[turn++ % targets.length];
      if (!prober.down.delete(target)) prober.down.add(target);
    }, 60);
  }

  /** Stops changing the targets. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The sequences that a reader accepts, without duplicates. */
export function readOnce(events: readonly { readonly sequence: number }[]): number[] {
  let last = 0;
  return events.flatMap(({ sequence }) => {
    if (sequence <= last) return [];
    last = sequence;
    return [sequence];
  });
}

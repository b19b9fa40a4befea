/** The present agents of a fleet, as read by an agent: by direct get, and from republished leases. */

import type { JetStreamManager } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import type { Candidate } from "../assignment/rendezvous.ts";
import { parseAgentLease } from "../protocol/lease.ts";
import { Malformed } from "../protocol/malformed.ts";
import { agentKey, keySubject, parseStateKey, republished, STATE_BUCKET } from "../protocol/subjects.ts";
import { readKeys, type StoredValue } from "../session/direct_get.ts";
import { Presence } from "../vote/presence.ts";

/** Follows the leases of all agents. */
export class AgentsReader {
  readonly #presence = new Presence();
  readonly #onChange: (agents: readonly Candidate[]) => void;
  #last = 0;
  #lastReported = "";

  /** @param onChange Called with the agents when one has joined, left or changed its zone. */
  constructor(onChange: (agents: readonly Candidate[]) => void) {
    this.#onChange = onChange;
  }

  /**
   * Follows the leases until the signal aborts.
   *
   * @param connection The connection.
   * @param manager Reads the leases at the start.
   * @param signal Ends the following.
   */
  async follow(connection: NatsConnection, manager: JetStreamManager, signal: AbortSignal): Promise<void> {
    let early: StoredValue[] | undefined = [];
    // Subscribed before the first read, so that no message is missed.
    const subscription = connection.subscribe(republished(STATE_BUCKET, agentKey("*")), {
      callback: (_error, message) => {
        const value = storedValue(message);
        if (value === undefined) return;
        if (early !== undefined) early.push(value);
        else this.#take([value]);
      },
    });
    try {
      await connection.flush();
      const stored = await readKeys(manager, STATE_BUCKET, agentKey("*"));
      const all = [...stored, ...early].sort((a, b) => a.sequence - b.sequence);
      early = undefined;
      this.#take(all);
      await aborted(signal);
    } finally {
      subscription.unsubscribe();
    }
  }

  #take(values: readonly StoredValue[]): void {
    for (const { key, data, sequence, time } of values) {
      if (sequence <= this.#last) continue;
      this.#last = sequence;
      const parsed = parseStateKey(key);
      if (parsed?.kind !== "agent") continue;
      const lease = data.length === 0 ? undefined : parseAgentLease(data);
      this.#presence.advance(time);
      if (!(lease instanceof Malformed)) this.#presence.renew(parsed.name, lease, time);
    }
    const agents = [...this.#presence.agents.values()].map(({ name, lease: { zone } }): Candidate => ({ name, zone }));
    const text = JSON.stringify(agents.sort((a, b) => a.name < b.name ? -1 : 1));
    if (text === this.#lastReported) return;
    this.#lastReported = text;
    this.#onChange(agents);
  }
}

/** Reads a republished message; `undefined` without the headers of republished messages. */
function storedValue({ headers, data }: Msg): StoredValue | undefined {
  const subject = headers?.get("Nats-Subject") ?? "";
  const sequence = Number(headers?.get("Nats-Sequence"));
  const time = Date.parse(headers?.get("Nats-Time-Stamp") ?? "");
  if (!(sequence > 0) || Number.isNaN(time)) return undefined;
  return { key: subject.slice(keySubject(STATE_BUCKET, "").length), data, sequence, time };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}

/** Log of the fleet's verdicts, computed from all messages: every change of every target. */

import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { STATE_BUCKET } from "../../lib/protocol/subjects.ts";
import { Link } from "../../lib/session/link.ts";
import { FleetState, type StateEntry } from "../../lib/vote/fleet_state.ts";

export class VerdictLog implements AsyncDisposable {
  readonly #targets: readonly string[];
  readonly #link: Link;
  readonly #verdicts = new Map<string, string>();
  #state = new FleetState();
  /** All verdicts of each target, in order: `"unknown up down"`. */
  readonly history = new Map<string, string[]>();
  #waiting: { isThere: () => boolean; resolve: () => void }[] = [];

  constructor(servers: readonly string[], targets: readonly string[]) {
    this.#targets = targets;
    this.#link = new Link({
      connection: { servers, name: "verdicts" },
      run: async (connection, signal) => {
        const bucket = await new Kvm(jetstream(connection)).open(STATE_BUCKET);
        const watch = await bucket.watch();
        signal.addEventListener("abort", () => watch.stop(), { once: true });
        const first: StateEntry[] = [];
        let isCurrent = false;
        for await (const { key, value, created, isUpdate, delta } of watch) {
          const entry = { key, data: value, time: created.getTime(), pending: delta };
          if (isCurrent) this.#state.apply(entry);
          else {
            first.push(entry);
            if (!isUpdate && delta !== 0) continue;
            // As a hub does, keeps the previous state until everything has been read again.
            this.#state = new FleetState();
            for (const entry of first) this.#state.apply(entry);
            isCurrent = true;
          }
          this.#look();
        }
      },
    });
  }

  /** The fleet's state. */
  get state(): FleetState {
    return this.#state;
  }

  /** Waits until all targets, or some, have a verdict: `"up 3"` is up by 3 votes. Returns how long that took, in ms. */
  async until(verdict: string, targets = this.#targets): Promise<number> {
    const isThere = () => targets.every((id) => this.#verdicts.get(id) === verdict);
    return await this.when(isThere);
  }

  /** Waits for a condition, which is evaluated at each message. */
  async when(isThere: () => boolean): Promise<number> {
    const startedAt = performance.now();
    if (isThere()) return 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ isThere, resolve });
    await promise;
    return performance.now() - startedAt;
  }

  /** Targets that were ever in a state. */
  ever(state: string): string[] {
    return [...this.history].filter(([, states]) => states.includes(state)).map(([id]) => id);
  }

  #look(): void {
    for (const id of this.#targets) {
      const { state, agree, present } = this.#state.verdict(id);
      this.#verdicts.set(id, `${state} ${state === "unknown" ? present : agree}`);
      const states = this.history.getOrInsertComputed(id, () => []);
      if (states.at(-1) !== state) states.push(state);
    }
    this.#waiting = this.#waiting.filter(({ isThere, resolve }) => {
      if (!isThere()) return true;
      resolve();
      return false;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
  }
}

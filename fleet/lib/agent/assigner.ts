/** Assigner: computes an agent's targets from the target list and the agents that are present. */

import { type Clock, SYSTEM_CLOCK } from "@tcp-shaker/monitor";
import type { Candidate } from "../assignment/rendezvous.ts";
import { ListError } from "../list/list_error.ts";
import type { ListStore } from "../list/store.ts";
import { isLost } from "../nats/error_kinds.ts";
import { Debounce } from "./debounce.ts";
import type { SavedList, SavedState } from "./saved_state.ts";
import { type AssignedTargets, readAssignedTargets } from "./assigned_targets.ts";

/** Options of {@linkcode Assigner}. */
export interface AssignerOptions {
  readonly self: Candidate;
  readonly saved: SavedState;
  /** Takes the new targets. The next assignment waits for its promise. */
  readonly take: (assigned: AssignedTargets) => Promise<void>;
  /** Whether the agent votes on a target. Only targets with a vote are handed over. */
  readonly votes: (id: string) => boolean;
  readonly onMessage: (message: string) => void;
  /** Debounce time in ms: the assignment changes when no agent has joined or left for this time. */
  readonly settle: number;
  /** Time in ms for which targets that move to another agent are still checked, so that it has its first verdicts. */
  readonly handover: number;
  readonly clock?: Clock;
}

/** Delay before a list that could not be read is read again, in ms. */
const RETRY_AFTER = 5000;

/**
 * Computes the assignment again when the list or the agents change. One computation runs at a time; changes during it
 * lead to one more.
 */
export class Assigner implements AsyncDisposable {
  readonly #options: AssignerOptions;
  readonly #clock: Clock;
  readonly #settled: Debounce;
  #agents: readonly Candidate[];
  #list: SavedList | undefined;
  #store: Pick<ListStore, "chunk"> = NO_STORE;
  /** The shares of the agent, and the shares that it hands over: one byte per share. */
  #own: Uint8Array | undefined;
  #kept: Uint8Array | undefined;
  #cancelTimer = () => {};
  /** Whether the agents are known. Before that, an agent would check the whole list. */
  #isSettled: boolean;
  #isWanted = false;
  #running: Promise<void> | undefined;
  #hasEnded = false;

  /**
   * Starts with the list and the agents that were saved.
   *
   * @param options The options.
   */
  constructor(options: AssignerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#agents = options.saved.agents;
    this.#list = options.saved.list;
    this.#isSettled = this.#agents.length > 0;
    this.#settled = new Debounce(options.settle, () => {
      this.#isSettled = true;
      this.#request();
    }, this.#clock);
    if (this.#list !== undefined) this.#request();
  }

  /** The number of agents that are present, with this one. */
  get agents(): number {
    return this.#all().length;
  }

  /** Sets the agents that are present. The assignment changes after the debounce time. */
  setAgents(agents: readonly Candidate[]): void {
    this.#agents = agents;
    this.#settled.trigger();
  }

  /** Sets the list in force, and the store of its chunks. The first assignment waits until the agents are known. */
  setList(list: SavedList, store: Pick<ListStore, "chunk">): void {
    this.#list = list;
    this.#store = store;
    this.#request();
  }

  /** Ends after the current computation. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    this.#settled[Symbol.dispose]();
    this.#cancelTimer();
    await this.#running;
  }

  #all(): readonly Candidate[] {
    const { self } = this.#options;
    return [...this.#agents.filter(({ name }) => name !== self.name), self];
  }

  #request(): void {
    if (!this.#isSettled) return;
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  async #run(): Promise<void> {
    while (this.#isWanted && !this.#hasEnded) {
      this.#isWanted = false;
      try {
        await this.#assign();
      } catch (error) {
        // The link reports a lost connection, and the next session sets the list again.
        if (isLost(error)) return;
        this.#options.onMessage(`Cannot take the target list: ${(error as Error).message}`);
        // A list that the monitor rejects needs another list. A chunk that can't be read now may be readable later.
        if (!(error instanceof TypeError || error instanceof RangeError)) this.#requestAfter(RETRY_AFTER);
      }
    }
  }

  async #assign(): Promise<void> {
    const { self, saved, handover, take, votes } = this.#options;
    const [list, agents] = [this.#list, this.#all()];
    if (list === undefined) return;
    const before = this.#own;
    const kept = before && this.#kept ? before.map((share, i) => share | this.#kept![i]) : before;
    const { assigned, own } = await readAssignedTargets({
      name: self.name,
      agents,
      list,
      saved,
      store: this.#store,
      kept,
      votes,
    });
    await take(assigned);
    this.#own = own;
    saved.saveList(list);
    saved.saveAgents(agents);
    const isHandedOver = kept === undefined || kept.every((share, i) => share <= own[i]);
    this.#kept = isHandedOver ? undefined : kept;
    if (!isHandedOver) this.#requestAfter(handover, () => this.#dropKept());
  }

  #dropKept(): void {
    this.#kept = undefined;
    this.#own = undefined;
    this.#request();
  }

  #requestAfter(ms: number, request = () => this.#request()): void {
    this.#cancelTimer();
    if (!this.#hasEnded) this.#cancelTimer = this.#clock.at(this.#clock.now() + ms, request);
  }
}

const NO_STORE: Pick<ListStore, "chunk"> = {
  chunk: (digest) => Promise.reject(new ListError(`The chunk ${digest} is not saved, and there is no connection`)),
};

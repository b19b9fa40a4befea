/** Assigner: computes an agent's targets from the target list and the present agents. */

import { type Clock, SYSTEM_CLOCK, type TargetOptions } from "@tcp-shaker/monitor";
import { runInTimeSlices } from "@tcp-shaker/monitor/parts";
import { Assignment, type Candidate } from "../assignment/rendezvous.ts";
import { ListError } from "../list/list_error.ts";
import type { ListStore } from "../list/store.ts";
import { isLost } from "../nats/error_kinds.ts";
import { Debounce } from "./debounce.ts";
import { Handover } from "./handover.ts";
import type { SavedList, SavedState } from "./saved_state.ts";
import { type AssignedTargets, readAssignedTargets } from "./assigned_targets.ts";

/** Options of {@linkcode Assigner}. */
export interface AssignerOptions {
  readonly self: Candidate;
  readonly saved: SavedState;
  /** Applies the new targets. The next assignment waits for the promise. */
  readonly take: (assigned: AssignedTargets) => Promise<void>;
  /** Whether the agent votes on a target. Only targets with a vote are handed over. */
  readonly votes: (id: string) => boolean;
  readonly onMessage: (message: string) => void;
  /** Debounce time in ms: the assignment changes when no agent has joined or left for this time. */
  readonly settle: number;
  /**
   * Time in ms for which moved targets are still checked, in addition to the time of the checks for a first verdict.
   */
  readonly handover: number;
  readonly clock?: Clock;
}

/** Delay before an unreadable list is read again, in ms. */
const RETRY_AFTER = 5000;

/**
 * Computes the assignment again when the list or the agents change. One computation runs at a time. Changes during a
 * computation cause one more.
 */
export class Assigner implements AsyncDisposable {
  readonly #options: AssignerOptions;
  readonly #clock: Clock;
  readonly #settled: Debounce;
  #agents: readonly Candidate[];
  #list: SavedList | undefined;
  #store: Pick<ListStore, "chunk"> = NO_STORE;
  readonly #handover: Handover;
  #cancelTimer = () => {};
  /** Whether the agents are known. Without them, this agent would check the whole list. */
  #isSettled: boolean;
  #isWanted = false;
  #running: Promise<void> | undefined;
  #hasEnded = false;
  #problem: string | undefined;

  /**
   * Starts with the saved list and agents.
   *
   * @param options The options.
   */
  constructor(options: AssignerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#handover = new Handover({ margin: options.handover, votes: options.votes, clock: this.#clock });
    this.#agents = options.saved.agents;
    this.#list = options.saved.list;
    this.#isSettled = this.#agents.length > 0;
    this.#settled = new Debounce(options.settle, () => {
      this.#isSettled = true;
      this.#request();
    }, this.#clock);
    if (this.#list !== undefined) this.#request();
  }

  /** The number of present agents, including this one. */
  get agents(): number {
    return this.#all().length;
  }

  /** Sets the present agents. The assignment changes after the debounce time. */
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

  /** Resolves when no computation runs. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Waits for the current computation, and ends. */
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
        this.#problem = undefined;
      } catch (error) {
        // The link reports a lost connection, and the next session sets the list again.
        if (isLost(error)) return;
        this.#report(`Cannot take the target list: ${(error as Error).message}`);
        // A list that the monitor rejects stays invalid; an unreadable chunk may be readable later.
        if (!(error instanceof TypeError || error instanceof RangeError)) this.#requestAfter(RETRY_AFTER);
      }
    }
  }

  async #assign(): Promise<void> {
    const { self, saved, handover, take } = this.#options;
    const [list, agents] = [this.#list, this.#all()];
    if (list === undefined) return;
    const assignment = new Assignment(agents, list.manifest.vote.witnesses);
    const shards = await runInTimeSlices(assignment.shardsOf(self.name));
    await runInTimeSlices(this.#handover.begin(shards, (shard) => assignment.witnesses(shard)));
    const source = { own: shards, list, saved, store: this.#store, handover: this.#handover };
    const { own, moved } = await readAssignedTargets(source);
    const { digest, manifest } = list;
    const targets = [...own, ...this.#handover.keep(moved)];
    await take({ list: digest, targets, defaults: manifest.monitor as TargetOptions });
    saved.saveList(list);
    saved.saveAgents(agents);
    const nextEnd = this.#handover.end();
    // Targets with different ends are dropped together, because the list is read each time.
    if (nextEnd !== undefined) this.#requestAfter(Math.max(nextEnd, handover));
  }

  /** Reports a problem, unless it was the last one reported. */
  #report(problem: string): void {
    if (problem !== this.#problem) this.#options.onMessage(problem);
    this.#problem = problem;
  }

  #requestAfter(ms: number): void {
    this.#cancelTimer();
    if (!this.#hasEnded) this.#cancelTimer = this.#clock.at(this.#clock.now() + ms, () => this.#request());
  }
}

const NO_STORE: Pick<ListStore, "chunk"> = {
  chunk: (digest) => Promise.reject(new ListError(`The chunk ${digest} is not saved: waiting for a connection`)),
};

/** Administration of a fleet: target lists, streams, and the state of agents. */

import type { NatsConnection } from "@nats-io/nats-core";
import { checkServers, connectFleet, type ConnectOptions } from "../connect.ts";
import { applyList, rollBack } from "../list/apply.ts";
import { collectGarbage } from "../list/collect_garbage.ts";
import type { ListDifference } from "../list/difference.ts";
import { ListError } from "../list/list_error.ts";
import { planList, type TargetList } from "../list/plan.ts";
import { ListStore } from "../list/store.ts";
import { explained } from "../session/problem.ts";
import { hasLists, isSetUp, setUpFleet, type SetupOptions } from "../setup.ts";
import { type FleetStatus, readStatus } from "./status.ts";

/** A list, compared with the list in force. */
export interface PlannedList {
  /** The digest. */
  readonly digest: string;
  /** The number of targets. */
  readonly targets: number;
  /** Whether the list is already in force. */
  readonly isInForce: boolean;
  /** Difference from the list in force, or from an empty list if the list in force can't be read. */
  readonly difference: ListDifference;
  /** Why the list in force can't be read; absent if it can. */
  readonly problem?: string;
  /** Puts the list in force, and removes lists that are no longer kept. */
  apply(): Promise<void>;
}

/** A list that is or was in force. */
export interface AppliedList {
  /** The digest. */
  readonly digest: string;
  /** When the list was put in force, in ms since 1970. */
  readonly at: number;
  /** The number of targets; absent if the list is missing or damaged. */
  readonly targets?: number;
  /** Whether the list is in force. */
  readonly isInForce: boolean;
  /** Why the list can't be read; absent if it can. */
  readonly problem?: string;
}

/** Connection of an administrator. */
export class FleetAdmin implements AsyncDisposable {
  readonly #connection: NatsConnection;
  readonly #store: ListStore;
  readonly #options: ConnectOptions;

  private constructor(connection: NatsConnection, store: ListStore, options: ConnectOptions) {
    this.#connection = connection;
    this.#store = store;
    this.#options = options;
  }

  /**
   * Connects to the servers.
   *
   * @param options The servers, and the key of an administrator.
   * @returns The connection.
   * @throws {TypeError} If a URL is invalid.
   * @throws {Error} If no server accepts the connection.
   */
  static async connect(options: ConnectOptions): Promise<FleetAdmin> {
    checkServers(options);
    const connection = await explained(() => connectFleet(options), options.servers.join(", "), options);
    return new FleetAdmin(connection, await ListStore.open(connection), options);
  }

  /**
   * Creates the streams, or updates existing ones, whose messages and limits are kept.
   *
   * @param options The options.
   */
  async setUp(options: SetupOptions = {}): Promise<void> {
    await this.#ask(() => setUpFleet(this.#connection, options));
  }

  /**
   * Compares a list with the list in force, or with an empty list before the streams exist. {@linkcode setUp} may
   * follow, because the plan needs the streams only when it is applied.
   *
   * @param list The list.
   * @returns The plan.
   * @throws {RangeError} If a target's id or options are too long, or the vote needs more witnesses than there are.
   */
  async plan(list: TargetList): Promise<PlannedList> {
    const plan = await this.#ask(async () =>
      await planList(await hasLists(this.#connection) ? this.#store : undefined, list)
    );
    return {
      digest: plan.digest,
      targets: plan.manifest.targets,
      isInForce: plan.before.manifest !== undefined && plan.before.current?.digest === plan.digest,
      difference: plan.difference,
      ...plan.before.problem !== undefined && { problem: plan.before.problem },
      apply: () =>
        this.#ask(async () => {
          await applyList(this.#store, plan, Date.now());
          await collectGarbage(this.#connection);
        }),
    };
  }

  /**
   * Puts an earlier list in force.
   *
   * @param digest The first digits of the list's digest; by default the previous list.
   * @returns The digest of the list.
   * @throws {ListError} If there is no fleet or no such list, or a part of the list is missing or damaged.
   */
  async rollBack(digest?: string): Promise<string> {
    await this.#requireFleet();
    return await this.#ask(() => rollBack(this.#store, digest, Date.now()));
  }

  /**
   * Returns the list in force and the earlier ones, the latest first.
   *
   * @throws {ListError} If there is no fleet, or the key `current` is malformed.
   */
  async lists(): Promise<AppliedList[]> {
    await this.#requireFleet();
    return await this.#ask(async () => {
      const current = (await this.#store.current())?.current;
      if (current === undefined) return [];
      const lists = [current, ...current.previous].map(async ({ digest, at }, i) => (
        { digest, at, isInForce: i === 0, ...await this.#size(digest) }
      ));
      return await Promise.all(lists);
    });
  }

  /**
   * Reads the state of the agents, and the verdicts on all targets.
   *
   * @throws {ListError} If there is no fleet, or the list in force is missing or damaged.
   */
  async status(): Promise<FleetStatus> {
    await this.#requireFleet();
    return await this.#ask(() => readStatus(this.#connection, this.#store));
  }

  async #requireFleet(): Promise<void> {
    if (await this.#ask(() => isSetUp(this.#connection))) return;
    throw new ListError("There is no fleet at these servers: apply a target list, which sets the fleet up");
  }

  async #size(digest: string): Promise<Pick<AppliedList, "targets" | "problem">> {
    try {
      return { targets: (await this.#store.manifest(digest)).targets };
    } catch (error) {
      if (!(error instanceof ListError)) throw error;
      return { problem: error.message };
    }
  }

  #ask<T>(request: () => Promise<T>): Promise<T> {
    return explained(request, this.#connection.getServer(), this.#options);
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}

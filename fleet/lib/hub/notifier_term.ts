/**
 * Term of a notifier: the sinks and their alerts, from the start of notifying until another hub notifies.
 *
 * A term lasts across sessions, because a hub that reconnects must not send its alerts again. Deliveries wait between
 * sessions.
 */

import type { MonitorEvent, TargetTransition } from "@tcp-shaker/monitor";
import { type SinkConfiguration, SinkSet, type SinkStatus } from "@tcp-shaker/monitor/parts";
import type { Lease } from "../session/lease.ts";
import type { Announcements } from "./announcements.ts";
import type { FleetStates } from "./fleet_states.ts";

/** Options of {@linkcode NotifierTerm.open}. */
export interface NotifierTermOptions {
  readonly states: FleetStates;
  /** Called with a message for the log. */
  readonly onMessage: (message: string) => void;
}

/** The parts of a session that a delivery needs. */
export interface TermSession {
  readonly announcements: Announcements;
  readonly lease: Lease;
}

/** Sinks that get all events of the fleet, and deliver during sessions. */
export class NotifierTerm implements AsyncDisposable {
  readonly #options: NotifierTermOptions;
  readonly #end = new AbortController();
  #announcements: Announcements;
  #session: TermSession | undefined;
  /** Resolves with the current session, or the next one. */
  #joined = pending<TermSession>();
  #sinks!: SinkSet;

  private constructor(announcements: Announcements, options: NotifierTermOptions) {
    this.#announcements = announcements;
    this.#options = options;
  }

  /**
   * Opens the sinks, which adopt the announced alerts.
   *
   * @param configurations The sinks.
   * @param announcements The targets that another hub has announced.
   * @param options The states, and the log.
   */
  static async open(
    configurations: readonly SinkConfiguration[],
    announcements: Announcements,
    options: NotifierTermOptions,
  ): Promise<NotifierTerm> {
    const { states } = options;
    const term = new NotifierTerm(announcements, options);
    using failure = new DisposableStack();
    failure.defer(() => term.#end.abort());
    const events = states.events({ signal: term.#end.signal });
    term.#sinks = await SinkSet.open(configurations, term.#host());
    failure.move();
    for (const event of missed(states, announcements.ids)) term.#sinks.take(event);
    void term.#follow(events);
    return term;
  }

  /** Starts deliveries with the lease of a session. */
  join(session: TermSession): void {
    const { announcements } = session;
    for (const { id, state } of this.#options.states.states()) if (state === "down") announcements.add(id);
    this.#announcements = announcements;
    this.#session = session;
    this.#joined.resolve(session);
  }

  /** Delays deliveries until the next session. */
  leave(): void {
    this.#session = undefined;
    this.#joined = pending();
  }

  /** The counts of each sink. */
  statuses(): SinkStatus[] {
    return this.#sinks.statuses();
  }

  /** Replaces the sinks. Sinks with an unchanged configuration continue. */
  async configure(configurations: readonly SinkConfiguration[]): Promise<void> {
    const before = this.#sinks;
    this.#sinks = await SinkSet.open(configurations, this.#host(), before);
    await before.closeExcept(this.#sinks);
  }

  /** Closes the sinks. They deliver their queues during a session, and drop them between sessions. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#joined.reject(new Error("This hub no longer sends notifications"));
    await this.#sinks[Symbol.asyncDispose]();
  }

  #host() {
    const { states, onMessage } = this.#options;
    return {
      states,
      announced: [...this.#announcements.ids],
      onFailure: (message: string) => {
        // Not reported if another hub has taken over, because that is not a failure.
        if (this.#session?.lease.isHeld) onMessage(message);
      },
      confirm: async () => {
        const { announcements, lease } = await this.#joined.promise;
        await announcements.write();
        await lease.renew();
      },
    };
  }

  async #follow(events: AsyncIterable<MonitorEvent>): Promise<void> {
    try {
      for await (const event of events) {
        if (event.type === "transition" && event.to === "down") this.#announcements.add(event.id);
        this.#sinks.take(event);
      }
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }
}

/** Creates a promise whose rejection need not be handled. */
function pending<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>();
  resolvers.promise.catch(() => {});
  return resolvers;
}

/**
 * Yields the transitions without a notification: to down, for targets that are down and not announced; to up, for
 * targets that are up and announced.
 */
function* missed(states: FleetStates, announced: ReadonlySet<string>): Generator<MonitorEvent, void> {
  for (const { id, target, group, labels, state, since, reason } of states.states()) {
    const isMissed = announced.has(id) ? state === "up" : state === "down";
    if (!isMissed) continue;
    const transition: TargetTransition = {
      type: "transition",
      id,
      target,
      group,
      labels,
      at: since,
      // Without its own number, because the previous hub may have sent the event.
      sequence: 0,
      from: state === "up" ? "down" : "up",
      to: state,
      ...reason !== undefined && { reason },
      count: 0,
      of: 0,
      duration: 0,
      initial: false,
    };
    yield transition;
  }
}

/** Agent of a fleet: monitors its assigned targets, and publishes the results. */

import { Monitor, type MonitorOptions, type MonitorParts, SYSTEM_CLOCK } from "@tcp-shaker/monitor";
import { checkServers, type ConnectOptions } from "../connect.ts";
import { LEASE } from "../protocol/limits.ts";
import { checkName } from "../protocol/names.ts";
import { newBootId } from "../session/boot_id.ts";
import { Link } from "../session/link.ts";
import { Assigner } from "./assigner.ts";
import { EventBatches } from "./event_batches.ts";
import { MinuteBatches } from "./minute_batches.ts";
import { Outbox, type OutboxLimits } from "./outbox.ts";
import { AgentPresence } from "./presence.ts";
import { SavedState } from "./saved_state.ts";
import { leave, runSession, type SessionParts } from "./session.ts";
import type { AssignedTargets } from "./assigned_targets.ts";
import { openStore } from "./store.ts";
import { TargetReports } from "./target_reports.ts";

/** Options of {@linkcode FleetAgent.start}. */
export interface FleetAgentOptions {
  /** How to connect to the servers of the fleet. */
  readonly connection: Omit<ConnectOptions, "name">;
  /** The agent's unique name: 1 to 64 letters, digits, `-` and `_`. */
  readonly name: string;
  /** The agent's zone. The witnesses of a target are from different zones if there are enough zones. */
  readonly zone: string;
  /** The file of the outbox; by default the outbox is in memory. */
  readonly outbox?: string;
  /** Bounds of the outbox. */
  readonly limits?: OutboxLimits;
  /**
   * Duration of the agent's lease in ms: without a renewal for this time the agent is absent.
   *
   * @default {10000}
   */
  readonly lease?: number;
  /**
   * Debounce time of the assignment in ms: it is computed when no agent has joined or left for this time. Until then an
   * agent without a saved assignment checks no targets.
   *
   * @default {2000}
   */
  readonly settle?: number;
  /**
   * Time in ms for which targets that move to another agent are still checked, in addition to the time of the checks
   * for the other agent's first verdict.
   *
   * @default {30000}
   */
  readonly handover?: number;
  /** Options of the monitor. The list overrides options of targets. */
  readonly monitor?: MonitorOptions;
  /** Parts of the monitor. */
  readonly parts?: MonitorParts;
  /** Called with messages: a lost connection, or a list that can't be read. */
  readonly onMessage?: (message: string) => void;
}

/** State of an agent. */
export interface FleetAgentStatus {
  /** Whether the agent has a connection. */
  readonly isConnected: boolean;
  /** Whether the agent holds its lease. */
  readonly isPresent: boolean;
  /** The epoch of the agent's reports; 0 before the first. */
  readonly epoch: number;
  /** The digest of the agent's list; absent before the first. */
  readonly list?: string;
  /** The number of the agent's targets. */
  readonly targets: number;
  /** The number of present agents that the agent knows, including itself. */
  readonly agents: number;
  /** Number of messages in the outbox. */
  readonly waiting: number;
  /** Number of bytes in the outbox. */
  readonly waitingBytes: number;
  /** Number of dropped events. */
  readonly droppedEvents: number;
  /** Number of dropped batches of minutes. */
  readonly droppedMinutes: number;
  /** Why messages wait: the outbox can't be written, or the server does not store them. */
  readonly problem?: string;
}

/** Interval at which events and minutes are moved to the outbox, in ms. */
const FLUSH_EVERY = 200;
/** Time limit for leaving the fleet, in ms. */
const LEAVE_TIMEOUT = 1000;

/**
 * Agent of a fleet. It holds a lease, computes its own assignment, and publishes reports, events and minutes. Without a
 * server it continues with its current targets, and its outbox stores the results.
 */
export class FleetAgent implements AsyncDisposable {
  /** The monitor of the agent's targets. */
  readonly monitor: Monitor;
  readonly #stack = new AsyncDisposableStack();
  readonly #outbox: Outbox;
  readonly #reports: TargetReports;
  readonly #events: EventBatches;
  readonly #minutes: MinuteBatches;
  readonly #presence: AgentPresence;
  readonly #assigner: Assigner;
  readonly #link: Link;
  #assigned: AssignedTargets | undefined;
  #problem: string | undefined;
  #isStopping = false;

  private constructor(options: FleetAgentOptions, monitor: Monitor, observers: Observers, kept: Kept) {
    const { name, zone, lease = LEASE, settle = 2000, handover = 30_000, onMessage = () => {} } = options;
    const { clock = SYSTEM_CLOCK } = options.parts ?? {};
    const { outbox, saved, boot, ended } = kept;
    this.monitor = monitor;
    this.#outbox = outbox;
    ({ reports: this.#reports, events: this.#events, minutes: this.#minutes } = observers);
    this.#presence = new AgentPresence({
      name,
      zone,
      boot,
      ended,
      lease,
      onMessage,
      clock,
      checked: () => ({ list: this.#assigned?.list ?? null, targets: this.#assigned?.targets.length ?? 0 }),
      onEpoch: () => this.#reports.beginEpoch(),
    });
    const self = { name, zone };
    this.#assigner = new Assigner({
      self,
      saved,
      settle,
      handover,
      onMessage,
      clock,
      votes: (id) => this.#reports.votes(id),
      take: (assigned) => this.#take(assigned),
    });
    const parts: SessionParts = {
      name,
      ...options.connection.seed && { seed: options.connection.seed },
      outbox,
      presence: this.#presence,
      assigner: this.#assigner,
      reports: this.#reports,
      onProblem: (problem) => this.#problem = problem,
      onMessage,
    };
    // An agent with a saved list checks its targets even while its key is refused.
    const hasJoined = saved.list !== undefined;
    this.#link = new Link({
      connection: { ...options.connection, name },
      hasJoined,
      run: async (connection, signal, ready) => {
        await runSession(parts, connection, signal, ready);
        if (this.#isStopping) await leave(parts, connection, LEAVE_TIMEOUT);
      },
      onProblem: (problem) => {
        const hasTargets = this.#assigned === undefined ? hasJoined : this.#assigned.targets.length > 0;
        const checks = hasTargets ? "checks continue" : "there are no targets to check";
        onMessage(`Disconnected from the fleet: ${problem}; ${checks}, and the agent reconnects`);
      },
      onRecovery: (server) => onMessage(`Reconnected to the fleet, through ${server}`),
    });
  }

  /**
   * Starts an agent, also without a reachable server.
   *
   * @param options The agent's name and zone, and the connection.
   * @returns The agent, when its checker runs.
   * @throws {TypeError} If the name, the zone or a server's URL is invalid.
   * @throws {Error} If the outbox can't be opened, or the checker can't be started.
   */
  static async start(options: FleetAgentOptions): Promise<FleetAgent> {
    const name = checkName("agent", options.name);
    checkName("zone", options.zone);
    checkServers(options.connection);
    const { clock = SYSTEM_CLOCK, observers = [] } = options.parts ?? {};
    await using stack = new AsyncDisposableStack();
    const database = stack.use(openStore(options.outbox));
    const outbox = new Outbox(database, options.limits);
    const saved = new SavedState(database);
    const boot = newBootId();
    const kept = { outbox, saved, boot, ended: saved.boots };
    saved.saveBoot(boot);
    const reports = new TargetReports((id) => monitor.get(id), clock);
    const events = new EventBatches(name, boot, outbox);
    const minutes = new MinuteBatches(name, boot, outbox, clock);
    const monitor: Monitor = await Monitor.start([], options.monitor, {
      ...options.parts,
      observers: [reports, events, minutes, ...observers],
    });
    stack.use(monitor);
    const agent = new FleetAgent(options, monitor, { reports, events, minutes }, kept);
    // Disposed of in reverse order: leave, end the changes of targets, end the monitor, close the file.
    agent.#stack.use(stack.move());
    agent.#stack.use(agent.#assigner);
    agent.#stack.use(agent.#link);
    const timer = setInterval(() => agent.#flush(), FLUSH_EVERY);
    agent.#stack.defer(() => {
      clearInterval(timer);
      agent.#isStopping = true;
      agent.#flush();
      minutes.end();
    });
    return agent;
  }

  /** The state of the agent. */
  get status(): FleetAgentStatus {
    const problem = this.#outbox.failure ?? this.#problem;
    return {
      isConnected: this.#link.isConnected,
      isPresent: this.#presence.isHeld,
      epoch: this.#presence.epoch,
      ...this.#assigned && { list: this.#assigned.list },
      targets: this.#assigned?.targets.length ?? 0,
      agents: this.#assigner.agents,
      waiting: this.#outbox.length,
      waitingBytes: this.#outbox.bytes,
      droppedEvents: this.#events.dropped,
      droppedMinutes: this.#outbox.dropped.minutes,
      ...problem !== undefined && { problem },
    };
  }

  /**
   * Aborts with an error if the servers refuse the agent's key before its first session. The agent then does not
   * reconnect.
   */
  get refused(): AbortSignal {
    return this.#link.refused;
  }

  /** Ends the agent: sends queued messages for at most 1 s, and releases its lease. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }

  async #take(assigned: AssignedTargets): Promise<void> {
    // Set before the monitor's targets, because the monitor checks new targets at once.
    this.#reports.setTargets(assigned.targets);
    try {
      await this.monitor.setGradually(assigned.targets.map(({ target }) => target), assigned.defaults);
    } catch (error) {
      this.#reports.setTargets(this.#assigned?.targets ?? []);
      throw error;
    }
    this.#assigned = assigned;
  }

  #flush(): void {
    this.#events.flush();
    this.#minutes.flush();
  }
}

/** Observers of the monitor. */
interface Observers {
  readonly reports: TargetReports;
  readonly events: EventBatches;
  readonly minutes: MinuteBatches;
}

/** State in the database. */
interface Kept {
  readonly outbox: Outbox;
  readonly saved: SavedState;
  readonly boot: string;
  readonly ended: readonly string[];
}

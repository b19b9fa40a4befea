/** Presence of an agent: its lease, across sessions, and the epoch of its reports. */

import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { Clock } from "@tcp-shaker/monitor";
import fleetPackage from "../../deno.json" with { type: "json" };
import { encode } from "../protocol/codec.ts";
import { type AgentLease, parseAgentLease } from "../protocol/lease.ts";
import { Malformed } from "../protocol/malformed.ts";
import { agentKey, STATE_BUCKET } from "../protocol/subjects.ts";
import { Lease, waitMessage } from "../session/lease.ts";

/** Content of an agent's lease. */
export interface AgentPresenceOptions {
  readonly name: string;
  readonly zone: string;
  readonly boot: string;
  /** Boot ids of earlier processes of this agent, which have ended. */
  readonly ended: readonly string[];
  /** Duration of the lease, in ms. */
  readonly lease: number;
  /** Returns the digest of the agent's list, and the number of its targets. */
  readonly checked: () => Pick<AgentLease, "list" | "targets">;
  /** Called when an epoch begins, before the lease contains it. */
  readonly onEpoch: () => void;
  readonly onMessage: (message: string) => void;
  readonly clock: Clock;
}

/** The lease of an agent. Acquiring the lease after it has expired begins an epoch. */
export class AgentPresence {
  readonly #options: AgentPresenceOptions;
  #lease: Lease | undefined;
  #epoch = 0;

  /** @param options Content of the lease. */
  constructor(options: AgentPresenceOptions) {
    this.#options = options;
  }

  /** Whether the agent holds its lease. */
  get isHeld(): boolean {
    return this.#lease?.isHeld ?? false;
  }

  /** The epoch of the reports; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The boot id of the process. */
  get boot(): string {
    return this.#options.boot;
  }

  /**
   * Acquires the lease on a new connection.
   *
   * @param jetstream The client.
   * @param manager The manager.
   * @param signal Ends the wait for another process with the same name.
   * @returns The lease.
   */
  async take(jetstream: JetStreamClient, manager: JetStreamManager, signal: AbortSignal): Promise<Lease> {
    const { name, lease: duration, onMessage, clock } = this.#options;
    this.#lease = await Lease.take({
      jetstream,
      manager,
      bucket: STATE_BUCKET,
      key: agentKey(name),
      duration,
      value: () => this.#value(),
      released: () => encode({ ...this.#message(), left: true }),
      durationOf: (value) => this.#durationOf(value),
      onWait: (isRenewed) => onMessage(waitMessage("agent", name, isRenewed)),
      clock,
    }, signal);
    return this.#lease;
  }

  /** Releases the lease, so that the fleet need not wait for its expiry. */
  async release(): Promise<void> {
    await this.#lease?.release();
  }

  #value(): Uint8Array {
    if (!this.isHeld) {
      this.#epoch++;
      this.#options.onEpoch();
    }
    return encode(this.#message());
  }

  #message(): AgentLease {
    const { zone, boot, lease, checked } = this.#options;
    return { zone, boot, epoch: this.#epoch, lease, version: fleetPackage.version, ...checked() };
  }

  /** Returns the duration of a lease in ms; 0 if its owner has left, or is this or an earlier process of the agent. */
  #durationOf(value: Uint8Array): number {
    const lease = parseAgentLease(value);
    const { boot, ended } = this.#options;
    if (lease instanceof Malformed || lease.left || lease.boot === boot || ended.includes(lease.boot)) return 0;
    return lease.lease;
  }
}

/** Outbox: durable FIFO of messages that the server has not acknowledged yet. */

import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Kind of a message. A full outbox drops minutes before events. */
export type MessageKind = "event" | "minutes";

/** A message to send. */
export interface OutgoingMessage {
  readonly kind: MessageKind;
  readonly subject: string;
  /** The number of events in the message; 1 for minutes. */
  readonly count: number;
  readonly body: Uint8Array;
}

/** A message in the outbox. */
export interface QueuedMessage extends OutgoingMessage {
  /** Increases from message to message. */
  readonly sequence: number;
}

/** Bounds of an outbox. */
export interface OutboxLimits {
  /**
   * Maximum number of messages.
   *
   * @default {100000}
   */
  readonly messages?: number;
  /**
   * Maximum bytes of all bodies.
   *
   * @default {67108864}
   */
  readonly bytes?: number;
}

/** Maximum number of messages dropped at once to make room. */
const DROPPED_AT_ONCE = 100;
/** Maximum number of messages in memory while the file can't be written. */
const MAX_UNSTORED = 10_000;

/**
 * Durable FIFO queue. A message is removed when it is acknowledged, so it may be sent twice, but none is skipped. A
 * full queue drops its oldest minutes, then its oldest events, and counts them. While the file can't be written, as on
 * a full disk, messages wait in memory.
 */
export class Outbox {
  readonly #limits: Required<OutboxLimits>;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #delete: StatementSync;
  readonly #dropped: Record<MessageKind, number> = { event: 0, minutes: 0 };
  /** Messages that could not be written to the file. They follow the stored ones. */
  #unstored: QueuedMessage[] = [];
  #next: number;
  /** Messages up to this one were removed, even if they are still in the file. */
  #removed = 0;
  /** Messages up to this one may be in flight, and are not dropped. */
  #handedOut = 0;
  #messages: number;
  #bytes: number;
  #failure: string | undefined;

  /**
   * Creates an outbox with the messages in the database.
   *
   * @param database The database of the agent.
   * @param limits Bounds.
   */
  constructor(database: DatabaseSync, { messages = 100_000, bytes = 64 * 2 ** 20 }: OutboxLimits = {}) {
    this.#limits = { messages, bytes };
    this.#database = database;
    this.#insert = database.prepare(
      "INSERT INTO message (sequence, kind, subject, count, body) VALUES (?, ?, ?, ?, ?)",
    );
    this.#select = database.prepare(
      "SELECT sequence, kind, subject, count, body FROM message WHERE sequence > ? ORDER BY sequence LIMIT ?",
    );
    this.#delete = database.prepare("DELETE FROM message WHERE sequence <= ?");
    const stored = database.prepare(
      "SELECT count(*) AS messages, ifnull(sum(length(body)), 0) AS bytes, ifnull(max(sequence), 0) AS last FROM message",
    ).get() as { messages: number; bytes: number; last: number };
    this.#messages = stored.messages;
    this.#bytes = stored.bytes;
    this.#next = stored.last + 1;
  }

  /** The number of messages. */
  get length(): number {
    return this.#messages;
  }

  /** The bytes of all bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of events and batches of minutes dropped since the start. */
  get dropped(): Readonly<Record<MessageKind, number>> {
    return this.#dropped;
  }

  /** Why the file can't be written; `undefined` if it can. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Appends messages in one transaction.
   *
   * @param messages The messages, in order.
   */
  append(messages: readonly OutgoingMessage[]): void {
    const queued = messages.map((message) => ({ ...message, sequence: this.#next++ }));
    for (const { body } of queued) this.#bytes += body.length;
    this.#messages += queued.length;
    this.#unstored.push(...queued);
    this.#store();
    this.#makeRoom();
  }

  /**
   * Returns the oldest messages.
   *
   * @param count The maximum number.
   * @returns The messages, in order.
   */
  oldest(count: number): QueuedMessage[] {
    const stored = this.#select.all(this.#removed, count) as unknown as QueuedMessage[];
    const oldest = [...stored, ...this.#unstored.slice(0, count - stored.length)];
    this.#handedOut = oldest.at(-1)?.sequence ?? this.#handedOut;
    return oldest;
  }

  /**
   * Drops the oldest message, because the server rejects it.
   *
   * @param message The message.
   */
  drop(message: QueuedMessage): void {
    this.remove(message);
    this.#dropped[message.kind] += message.count;
  }

  /**
   * Removes the oldest message, because it was acknowledged.
   *
   * @param message The message.
   */
  remove({ sequence, body }: QueuedMessage): void {
    this.#messages--;
    this.#bytes -= body.length;
    this.#removed = sequence;
    if (this.#unstored[0]?.sequence === sequence) this.#unstored.shift();
    else this.#write(() => this.#delete.run(sequence));
  }

  /** Writes the messages that wait in memory. */
  #store(): void {
    const isStored = this.#write(() => {
      for (const { sequence, kind, subject, count, body } of this.#unstored) {
        this.#insert.run(sequence, kind, subject, count, body);
      }
    });
    if (isStored) this.#unstored = [];
  }

  /** Runs a transaction, and records why it failed. */
  #write(change: () => void): boolean {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      change();
      this.#database.exec("COMMIT");
      this.#failure = undefined;
      return true;
    } catch (error) {
      this.#failure = (error as Error).message;
      // After some errors SQLite rolls back by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      return false;
    }
  }

  #makeRoom(): void {
    if (this.#unstored.length > MAX_UNSTORED) this.#dropUnstored();
    while (this.#messages > this.#limits.messages || this.#bytes > this.#limits.bytes) {
      if (!this.#dropStored("minutes") && !this.#dropStored("event")) break;
    }
  }

  /** Drops the oldest messages of a kind, and returns whether there were any. */
  #dropStored(kind: MessageKind): boolean {
    const { messages, bytes } = this.#limits;
    const surplus = Math.max(this.#messages - messages, this.#bytes > bytes ? 1 : 0);
    const oldest = this.#database.prepare(
      "SELECT sequence, kind, count, body FROM message WHERE kind = ? AND sequence > ? ORDER BY sequence LIMIT ?",
    ).all(kind, this.#handedOut, Math.min(surplus, DROPPED_AT_ONCE)) as unknown as QueuedMessage[];
    const drop = this.#database.prepare("DELETE FROM message WHERE sequence = ?");
    if (oldest.length === 0 || !this.#write(() => oldest.forEach(({ sequence }) => drop.run(sequence)))) return false;
    this.#forget(oldest);
    return true;
  }

  #dropUnstored(): void {
    const first = this.#unstored.findIndex(({ sequence }) => sequence > this.#handedOut);
    if (first >= 0) this.#forget(this.#unstored.splice(first, this.#unstored.length - MAX_UNSTORED));
  }

  #forget(messages: readonly QueuedMessage[]): void {
    for (const { kind, count, body } of messages) {
      this.#messages--;
      this.#bytes -= body.length;
      this.#dropped[kind] += count;
    }
  }
}

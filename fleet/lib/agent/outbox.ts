/** Outbox: durable FIFO of messages that the server has not acknowledged yet. */

import type { DatabaseSync, StatementSync } from "node:sqlite";

/** What a message is about. Of an outbox that is full, minutes are dropped before events. */
export type MessageKind = "event" | "minutes";

/** A message that waits. */
export interface OutgoingMessage {
  readonly kind: MessageKind;
  readonly subject: string;
  /** The number of events in it; 1 for minutes. */
  readonly count: number;
  readonly body: Uint8Array;
}

/** A message, and its place in the outbox. */
export interface QueuedMessage extends OutgoingMessage {
  /** Grows from one message to the next. */
  readonly sequence: number;
}

/** Bounds of an outbox. */
export interface OutboxLimits {
  /**
   * Messages at most.
   *
   * @default {100000}
   */
  readonly messages?: number;
  /**
   * Bytes of all bodies at most.
   *
   * @default {67108864}
   */
  readonly bytes?: number;
}

/** How many messages are dropped at once, at most, to make room for the next. */
const DROPPED_AT_ONCE = 100;
/** Messages that wait in memory at most while the file can't be written. */
const MAX_UNSTORED = 10_000;

/**
 * Durable FIFO queue. The oldest message is sent first, and is removed when it is acknowledged; so a message may be
 * sent twice, but none is skipped. A queue that is full drops its oldest minutes, and then its oldest events, and
 * counts them. While its file can't be written, as on a disk that is full, messages wait in memory.
 */
export class Outbox {
  readonly #limits: Required<OutboxLimits>;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #delete: StatementSync;
  readonly #dropped: Record<MessageKind, number> = { event: 0, minutes: 0 };
  /** Messages that the file could not take; they follow all that it has. */
  #unstored: QueuedMessage[] = [];
  #next: number;
  /** Messages up to this one were removed, even if the file could not be written then. */
  #removed = 0;
  /** Messages up to this one may be in flight. They aren't dropped. */
  #handedOut = 0;
  #messages: number;
  #bytes: number;
  #failure: string | undefined;

  /**
   * Creates an outbox with the messages that the database has.
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

  /** The number of messages that wait. */
  get length(): number {
    return this.#messages;
  }

  /** The bytes of the bodies that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many events and batches of minutes were dropped since the start. */
  get dropped(): Readonly<Record<MessageKind, number>> {
    return this.#dropped;
  }

  /** Why the file can't be written; `undefined` if it can. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Adds messages at the end, all in one transaction.
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
   * @param count How many at most.
   * @returns The messages, in order.
   */
  oldest(count: number): QueuedMessage[] {
    const stored = this.#select.all(this.#removed, count) as unknown as QueuedMessage[];
    const oldest = [...stored, ...this.#unstored.slice(0, count - stored.length)];
    this.#handedOut = oldest.at(-1)?.sequence ?? this.#handedOut;
    return oldest;
  }

  /**
   * Drops the oldest message, which the server refuses.
   *
   * @param message The message.
   */
  drop(message: QueuedMessage): void {
    this.remove(message);
    this.#dropped[message.kind] += message.count;
  }

  /**
   * Removes a message that was acknowledged. It is the oldest one.
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

  /** Runs a transaction, and notes why it failed. */
  #write(change: () => void): boolean {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      change();
      this.#database.exec("COMMIT");
      this.#failure = undefined;
      return true;
    } catch (error) {
      this.#failure = (error as Error).message;
      // SQLite has rolled back by itself after some errors.
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

  /** Drops the oldest messages of a kind; returns whether there were any. */
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

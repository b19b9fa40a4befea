/** Timer wheel: finds the timers that are due, in constant time each. */

/** Base class of the objects in a timer wheel. */
export class Timer {
  /** Index in the tables of the wheel; -1 if the timer is in no wheel. Set by the wheel. */
  index: number = -1;
}

/** Number of buckets of 1 ms. A timer that is due later than 16 s from now is visited every 16 s. */
const BUCKETS = 2 ** 14;
/** The end of a list, in both directions; also the bucket of a timer that is in no list. */
const NONE = -1;
const FIRST_CAPACITY = 64;

/**
 * Hashed timer wheel (Varghese and Lauck, 1987, scheme 6): buckets of 1 ms, each a doubly linked list. Insertion,
 * expiry and removal of a timer take constant time.
 *
 * The lists are arrays of numbers by index of the timer (structure of arrays), because 100,000 timers then fit into the
 * processor's cache, whereas lists of objects cost a cache miss per timer.
 */
export class TimerWheel<T extends Timer> {
  readonly #heads = new Int32Array(BUCKETS).fill(NONE);
  #timers: (T | undefined)[] = [];
  #due = new Float64Array(FIRST_CAPACITY);
  #next = new Int32Array(FIRST_CAPACITY);
  #previous = new Int32Array(FIRST_CAPACITY);
  #buckets = new Int16Array(FIRST_CAPACITY);
  /** Free indices, of removed timers. */
  readonly #free: number[] = [];
  /** The time in ms up to which all due timers were taken. */
  #cursor: number;

  /** @param now The time in ms: 0 or more. */
  constructor(now: number) {
    this.#cursor = Math.floor(now);
  }

  /** Returns when a timer is due, or was due when it was taken. */
  due(timer: T): number {
    return this.#due[timer.index];
  }

  /** Inserts a new or taken timer, or moves a waiting one. */
  insert(timer: T, due: number): void {
    if (timer.index < 0) this.#admit(timer);
    else this.#unlink(timer.index);
    const { index } = timer;
    // An overdue timer goes into the next bucket.
    const bucket = Math.max(Math.floor(due), this.#cursor) % BUCKETS;
    this.#due[index] = due;
    this.#link(index, bucket);
  }

  /** Removes a waiting or taken timer. Does nothing if the timer is in no wheel. */
  remove(timer: T): void {
    const { index } = timer;
    if (index < 0) return;
    this.#unlink(index);
    this.#timers[index] = undefined;
    this.#free.push(index);
    timer.index = NONE;
  }

  /** Takes all due timers. Each must be inserted again, or removed. */
  take(now: number): T[] {
    const taken: T[] = [];
    const last = Math.floor(now);
    // One round is enough, however far the clock has jumped.
    const first = Math.max(this.#cursor, last - BUCKETS + 1);
    for (let ms = first; ms <= last; ms++) {
      const bucket = ms % BUCKETS;
      let index = this.#heads[bucket];
      this.#heads[bucket] = NONE;
      while (index !== NONE) {
        const next = this.#next[index];
        if (this.#due[index] <= now) {
          this.#buckets[index] = NONE;
          taken.push(this.#timers[index]!);
        } else {
          this.#link(index, bucket);
        }
        index = next;
      }
    }
    this.#cursor = Math.max(this.#cursor, last);
    return taken;
  }

  /** Returns when the next timer is due, at most 16 s from now. */
  nextDue(): number {
    const end = this.#cursor + BUCKETS;
    for (let ms = this.#cursor; ms < end; ms++) {
      let next = end;
      for (let index = this.#heads[ms % BUCKETS]; index !== NONE; index = this.#next[index]) {
        next = Math.min(next, this.#due[index]);
      }
      if (next < ms + 1) return next;
    }
    return end;
  }

  #admit(timer: T): void {
    const index = this.#free.pop() ?? this.#timers.length;
    if (index === this.#due.length) this.#grow();
    this.#timers[index] = timer;
    this.#buckets[index] = NONE;
    timer.index = index;
  }

  #link(index: number, bucket: number): void {
    const next = this.#heads[bucket];
    this.#buckets[index] = bucket;
    this.#next[index] = next;
    this.#previous[index] = NONE;
    if (next !== NONE) this.#previous[next] = index;
    this.#heads[bucket] = index;
  }

  #unlink(index: number): void {
    const bucket = this.#buckets[index];
    if (bucket === NONE) return;
    this.#buckets[index] = NONE;
    const [previous, next] = [this.#previous[index], this.#next[index]];
    if (next !== NONE) this.#previous[next] = previous;
    if (previous === NONE) this.#heads[bucket] = next;
    else this.#next[previous] = next;
  }

  #grow(): void {
    const length = 2 * this.#due.length;
    this.#due = resized(new Float64Array(length), this.#due);
    this.#next = resized(new Int32Array(length), this.#next);
    this.#previous = resized(new Int32Array(length), this.#previous);
    this.#buckets = resized(new Int16Array(length), this.#buckets);
  }
}

/** Copies an array to the beginning of a larger one. */
function resized<A extends Float64Array | Int32Array | Int16Array>(larger: A, array: A): A {
  larger.set(array);
  return larger;
}

/** A timer wheel. */

/** What a wheel holds: an object that extends this. */
export class Timer {
  /** When it is due. To change it, remove the timer first. */
  due: number = 0;
  /** The bucket that it is in; -1 if it is in no wheel. The wheel sets this field and the next one. */
  bucket: number = -1;
  /** The next timer in the bucket. */
  next: this | undefined;
}

/** Of 1 ms each. A timer that is due later than 16 s from now is looked at once in 16 s. */
const BUCKETS = 2 ** 14;

/**
 * Hashed timer wheel (Varghese and Lauck, 1987, scheme 6): buckets of 1 ms, each a linked list. Insertion and
 * expiry of a timer take constant time. Removal searches the bucket: it is rare, and buckets are short, whereas a doubly
 * linked list would touch another timer at each insertion, which is seldom in the cache of the processor.
 */
export class Wheel<T extends Timer> {
  readonly #buckets: (T | undefined)[] = Array.from({ length: BUCKETS }, () => undefined);
  /** The ms up to which all that was due has been taken. */
  #cursor: number;

  /** @param now The time in ms: 0 or more. */
  constructor(now: number) {
    this.#cursor = Math.floor(now);
  }

  /** Inserts a timer that is in no wheel. */
  insert(timer: T): void {
    // What is overdue is found in the next bucket to be looked at.
    const bucket = Math.max(Math.floor(timer.due), this.#cursor) % BUCKETS;
    timer.bucket = bucket;
    timer.next = this.#buckets[bucket];
    this.#buckets[bucket] = timer;
  }

  /** Removes a timer; one that is in no wheel is left as it is. */
  remove(timer: T): void {
    const { bucket, next } = timer;
    if (bucket === -1) return;
    let previous = this.#buckets[bucket]!;
    if (previous === timer) {
      this.#buckets[bucket] = next;
    } else {
      while (previous.next !== timer) previous = previous.next!;
      previous.next = next;
    }
    timer.bucket = -1;
    timer.next = undefined;
  }

  /** Removes all timers that are due, and returns them. */
  take(now: number): T[] {
    const taken: T[] = [];
    const last = Math.floor(now);
    // Once around is enough, however far the clock has jumped.
    const first = Math.max(this.#cursor, last - BUCKETS + 1);
    for (let ms = first; ms <= last; ms++) {
      const bucket = ms % BUCKETS;
      let timer = this.#buckets[bucket];
      let kept: T | undefined;
      while (timer !== undefined) {
        const { next }: T = timer;
        const isDue = timer.due <= now;
        timer.bucket = isDue ? -1 : bucket;
        timer.next = isDue ? undefined : kept;
        if (isDue) taken.push(timer);
        else kept = timer;
        timer = next;
      }
      this.#buckets[bucket] = kept;
    }
    this.#cursor = Math.max(this.#cursor, last);
    return taken;
  }

  /** When to look again: when the next timer is due, but in 16 s at the latest. */
  nextDue(): number {
    const end = this.#cursor + BUCKETS;
    for (let ms = this.#cursor; ms < end; ms++) {
      let next = end;
      for (let timer = this.#buckets[ms % BUCKETS]; timer !== undefined; timer = timer.next) {
        next = Math.min(next, timer.due);
      }
      if (next < ms + 1) return next;
    }
    return end;
  }
}

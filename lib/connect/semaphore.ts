import { byDeadline } from "./deadline.ts";

/** Request for permits. */
export interface Request {
  /** Rejects to withdraw the request. */
  readonly cancelled: Promise<never>;
  /** The longest wait in ms; `Infinity` without a limit. */
  readonly timeout: number;
  /** The number of permits. */
  readonly count: number;
  /** The zone that the permits are for. */
  readonly zone?: string;
}

/**
 * Counting semaphore with a FIFO queue.
 *
 * A request may belong to a zone. A zone may hold at most as many permits as are free (dynamic threshold, Choudhury and
 * Hahne, 1998), so that a zone whose permits are stuck leaves some to other zones. The queue skips requests of a zone at its
 * threshold.
 */
export class Semaphore {
  /** The number of permits. */
  readonly max: number;
  readonly #grantsPerTurn: number;
  /** The current number of permits, at most `max`. */
  #limit: number;
  #acquired = 0;
  readonly #acquiredByZone = new Map<string | undefined, number>();
  readonly #waiting = new Map<Request, (value: true) => void>();
  /** Whether a request waits for permits or for the next turn, so that a new one must wait behind it. */
  #isBlocked = false;
  /** Requests granted since the last turn of the event loop. */
  #granted = 0;
  #nextTurn: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param max The number of permits. A single zone may hold half of them.
   * @param grantsPerTurn The maximum number of requests granted per turn of the event loop.
   */
  constructor(max: number, grantsPerTurn: number = Infinity) {
    this.max = this.#limit = max;
    this.#grantsPerTurn = grantsPerTurn;
  }

  /**
   * Waits for permits.
   *
   * @returns Whether the permits are granted; `false` after the timeout.
   * @throws The rejection of `cancelled`.
   */
  async acquire(request: Request): Promise<boolean> {
    const { promise: granted, resolve: grant } = Promise.withResolvers<true>();
    this.#waiting.set(request, grant);
    if (!this.#isBlocked) this.#serve([[request, grant]]);
    try {
      if (this.#waiting.has(request)) await byDeadline(request.timeout, [granted, request.cancelled]);
      return !this.#withdraw(request);
    } catch (reason) {
      if (!this.#withdraw(request)) this.release(request);
      throw reason;
    }
  }

  /** Releases the permits of a request. */
  release({ count, zone }: Request): void {
    this.#count(-count, zone);
    if (this.#acquired === 0) this.#limit = this.max;
    this.#serve(this.#waiting);
  }

  /**
   * Lowers the limit to three quarters of the other permits in use, until all are released. The caller holds the permits of
   * a request for which the system had no file descriptor. A quarter is left because other code of the process needs
   * descriptors too.
   *
   * @returns Whether other permits are in use, so that a new request may succeed after a release.
   */
  backOff({ count }: Request): boolean {
    const others = this.#acquired - count;
    this.#limit = Math.min(this.#limit, Math.max(1, Math.floor(others * 3 / 4)));
    return others > 0;
  }

  /** Removes a request from the queue, and serves the ones behind it. Returns whether the request was queued. */
  #withdraw(request: Request): boolean {
    const wasWaiting = this.#waiting.delete(request);
    if (wasWaiting) this.#serve(this.#waiting);
    return wasWaiting;
  }

  #serve(requests: Iterable<[Request, (value: true) => void]>): void {
    this.#isBlocked = true;
    for (const [request, grant] of requests) {
      const { count, zone } = request;
      // No request overtakes a larger one, which a steady flow of small requests would starve.
      if (this.#acquired + count > this.#limit) return;
      const isAtThreshold = zone !== undefined && this.#acquired + this.#heldBy(zone) >= this.#limit;
      if (isAtThreshold) continue;
      if (this.#granted >= this.#grantsPerTurn) return this.#serveNextTurn();
      this.#granted++;
      this.#count(count, zone);
      this.#waiting.delete(request);
      grant(true);
    }
    this.#isBlocked = false;
  }

  #serveNextTurn(): void {
    this.#nextTurn ??= setTimeout(() => {
      this.#nextTurn = undefined;
      this.#granted = 0;
      this.#serve(this.#waiting);
    }, 0);
  }

  #heldBy(zone: string | undefined): number {
    return this.#acquiredByZone.get(zone) ?? 0;
  }

  #count(change: number, zone: string | undefined): void {
    this.#acquired += change;
    const held = this.#heldBy(zone) + change;
    if (held > 0) this.#acquiredByZone.set(zone, held);
    else this.#acquiredByZone.delete(zone);
  }
}

import { aborted, byDeadline } from "./deadline.ts";

interface Request {
  readonly grant: (permit: "granted") => void;
  readonly signal: AbortSignal;
  readonly zone: string | undefined;
}

/**
 * Counting semaphore with a FIFO queue.
 *
 * A request may belong to a zone, which may acquire as many permits as are free (dynamic threshold, Choudhury and Hahne,
 * 1998). So a zone whose permits are stuck leaves some to other zones; requests of a zone at its threshold are passed over.
 */
export class Semaphore {
  readonly #max: number;
  readonly #grantsPerTurn: number;
  /** The number of permits for now: at most `#max`. */
  #limit: number;
  #acquired = 0;
  readonly #acquiredByZone = new Map<string | undefined, number>();
  readonly #waiting = new Set<Request>();
  #onDrained: (() => void) | undefined;
  /** Permits granted since the last turn of the event loop. */
  #granted = 0;
  #nextTurn: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param max The number of permits. A zone alone may acquire half of them.
   * @param grantsPerTurn How many permits are granted in one turn of the event loop, at most.
   */
  constructor(max: number, grantsPerTurn: number = Infinity) {
    this.#max = this.#limit = max;
    this.#grantsPerTurn = grantsPerTurn;
  }

  /**
   * Waits for a permit.
   *
   * @param signal Withdraws the request.
   * @param timeout The longest wait in ms; `Infinity` without a limit.
   * @param zone The zone of the request.
   * @returns Whether the permit is granted; `false` after the timeout, or once the signal has aborted.
   */
  async acquire(signal: AbortSignal, timeout = Infinity, zone?: string): Promise<boolean> {
    const { promise, resolve: grant } = Promise.withResolvers<"granted">();
    const request: Request = { grant, signal, zone };
    this.#waiting.add(request);
    if (this.#nextTurn === undefined) this.#serve([request]);
    if (this.#waiting.has(request)) await byDeadline(timeout, [promise, aborted(signal)]);
    return !this.#waiting.delete(request);
  }

  /** Releases a permit, which was granted to a request of the zone. */
  release(zone?: string): void {
    this.#count(zone, -1);
    if (this.#acquired === 0) this.#limit = this.#max;
    if (this.#nextTurn === undefined) this.#serve(this.#waiting);
    if (this.#acquired === 0) this.#onDrained?.();
  }

  /**
   * Lowers the limit to three quarters of the other permits in use until all are released. The caller holds a permit, for
   * which the system had no file descriptor; the rest of the process needs descriptors too.
   *
   * @returns Whether other permits are in use. Once one of them is released, a new request may succeed.
   */
  backOff(): boolean {
    const others = this.#acquired - 1;
    this.#limit = Math.min(this.#limit, Math.max(1, Math.floor(others * 3 / 4)));
    return others > 0;
  }

  /** Waits until all permits are released. */
  async drained(): Promise<void> {
    while (this.#acquired > 0) await new Promise<void>((resolve) => this.#onDrained = resolve);
  }

  #serve(requests: Iterable<Request>): void {
    for (const request of requests) {
      if (this.#acquired >= this.#limit) return;
      const { grant, signal, zone } = request;
      const isAtThreshold = zone !== undefined && this.#acquired + this.#heldBy(zone) >= this.#limit;
      if (signal.aborted || isAtThreshold) continue;
      if (this.#granted >= this.#grantsPerTurn) return this.#serveNextTurn();
      this.#granted++;
      this.#count(zone, 1);
      this.#waiting.delete(request);
      grant("granted");
    }
  }

  #serveNextTurn(): void {
    this.#nextTurn = setTimeout(() => {
      this.#nextTurn = undefined;
      this.#granted = 0;
      this.#serve(this.#waiting);
    }, 0);
  }

  #heldBy(zone: string | undefined): number {
    return this.#acquiredByZone.get(zone) ?? 0;
  }

  #count(zone: string | undefined, change: 1 | -1): void {
    this.#acquired += change;
    const held = this.#heldBy(zone) + change;
    if (held > 0) this.#acquiredByZone.set(zone, held);
    else this.#acquiredByZone.delete(zone);
  }
}

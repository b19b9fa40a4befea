/** A number of things that may be had at once, and the queue of those who wait for one. */
export class Slots {
  readonly #most: number;
  readonly #pace: number;
  /** How many there are for now. */
  #limit: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();
  #onDrained: (() => void) | undefined;
  /** How many were granted since we last let the event loop turn. */
  #granted = 0;
  #turn: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes slots, all of them free.
   *
   * @param most How many there are at best.
   * @param pace How many are granted before the event loop has its turn.
   */
  constructor(most: number, pace: number = Infinity) {
    this.#most = most;
    this.#pace = pace;
    this.#limit = most;
  }

  /**
   * Asks for a slot.
   *
   * @param grant Called when it is there: at once if one is free, and else after those who asked before.
   */
  request(grant: () => void): void {
    this.#waiting.add(grant);
    this.#serve();
  }

  /**
   * Takes a request back that was not granted yet.
   *
   * @param grant What was asked with.
   */
  withdraw(grant: () => void): void {
    this.#waiting.delete(grant);
    if (this.#waiting.size === 0) this.#endTurn();
  }

  /** Gives a slot back. */
  release(): void {
    // One more a round, until there is want again: as TCP does with its congestion window (RFC 5681, 3.1).
    this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit);
    this.#giveBack();
  }

  /**
   * Gives a slot back for which the system had nothing to give. From now on a quarter of what the others have is left
   * to the rest of the process.
   *
   * @returns Whether there are others: when they give theirs back, it makes sense to ask again.
   */
  surrender(): boolean {
    const others = this.#taken - 1;
    this.#limit = Math.min(this.#limit, Math.max(1, Math.floor(others * 3 / 4)));
    this.#giveBack();
    return others > 0;
  }

  /** Waits until nobody has a slot any more. */
  async drained(): Promise<void> {
    while (this.#taken > 0) await new Promise<void>((resolve) => this.#onDrained = resolve);
  }

  #giveBack(): void {
    this.#taken--;
    this.#serve();
    if (this.#taken === 0) this.#onDrained?.();
  }

  #serve(): void {
    for (const grant of this.#waiting) {
      if (this.#taken + 1 > this.#limit) return;
      if (this.#granted >= this.#pace) return this.#letTurn();
      this.#waiting.delete(grant);
      this.#taken++;
      this.#granted++;
      grant();
    }
  }

  #letTurn(): void {
    this.#turn ??= setTimeout(() => {
      this.#endTurn();
      this.#granted = 0;
      this.#serve();
    }, 0);
  }

  #endTurn(): void {
    clearTimeout(this.#turn);
    this.#turn = undefined;
  }
}

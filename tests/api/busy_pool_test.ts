/** Checks while all threads of Deno's blocking pool are busy. */

import { assertEquals } from "@std/assert";
// The connect engine imports this module at its start, which needs a thread of the pool if Deno hasn't cached it.
import "../../lib/connect/engine.ts";
import { engineTest, runningChecker } from "../support/engines.ts";
import { OpenPort } from "../support/listener.ts";
import { tally } from "../support/outcome.ts";
import { SilentPort } from "../support/silence.ts";

/** More calls than the pool has threads (32), so that later calls get none. */
const CALLS = 40;

/** A libc semaphore on which non-blocking calls block the pool's threads. */
class BusyPool {
  readonly #libc = Deno.dlopen("libc.so.6", {
    sem_init: { parameters: ["buffer", "i32", "u32"], result: "i32" },
    sem_post: { parameters: ["buffer"], result: "i32" },
    sem_wait: { parameters: ["buffer"], result: "i32", nonblocking: true },
  });
  /** A `sem_t`. */
  readonly #semaphore = new BigUint64Array(4);
  readonly #calls: Promise<number>[];

  constructor() {
    this.#libc.symbols.sem_init(this.#semaphore, 0, 0);
    this.#calls = Array.from({ length: CALLS }, () => this.#libc.symbols.sem_wait(this.#semaphore));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const _ of this.#calls) this.#libc.symbols.sem_post(this.#semaphore);
    await Promise.all(this.#calls);
    this.#libc.close();
  }
}

for (const order of ["before", "after"] as const) {
  engineTest(`checks of addresses don't wait for Deno's thread pool, busy ${order} the start`, async (engine) => {
    using open = new OpenPort();
    using silent = await SilentPort.open();
    const before = order === "before" ? new BusyPool() : undefined;
    const checker = await runningChecker(engine);
    const busy = before ?? new BusyPool();
    try {
      const options = { timeout: 200, signal: AbortSignal.timeout(20_000) };
      const { status } = await checker.checkAddr(open.target, options);
      const late = await checker.checkAddr(silent.target, options);
      assertEquals([status, late.status], ["up", "timeout"]);
      const targets = Array.from({ length: 300 }, () => open.target);
      const results = await Array.fromAsync(checker.checkAll(targets, { ...options, timeout: 20_000 }));
      assertEquals(tally(results.map((result) => ({ ...result, mode: "half-open" }))), { "127.0.0.1 up": 300 });
    } finally {
      // The stop of an engine needs a thread of the pool.
      await busy[Symbol.asyncDispose]();
      await checker[Symbol.asyncDispose]();
    }
  });
}

/** Async generator of `checkAll()`: options, cancellation and errors. */

import { offAbort, onAbort } from "./abortable.ts";
import { type AnyResult, CheckAllRun, type Targets } from "./check_all_run.ts";
import type { StartedLoop } from "./checking_loop.ts";
import {
  type AnyCheckAllOptions,
  type Defaults,
  optionsOf,
  resolveConcurrency,
  resolveOnInvalid,
  resolveOptions,
  resolveRate,
  resolveSignal,
} from "../resolved_options.ts";

/**
 * See {@linkcode Checker.checkAll}.
 *
 * @param start Waits for the loop; rejects if none is running or starting.
 * @param targets The targets.
 * @param options The options of the checks.
 * @param defaults The checker's own options.
 * @returns The results.
 */
export function checkAll(
  start: () => Promise<StartedLoop>,
  targets: Targets,
  options: AnyCheckAllOptions | number,
  defaults: Defaults,
): AsyncGenerator<AnyResult, void, void> {
  const cancellation = new AbortController();
  const results = generate(start, targets, options, defaults, cancellation.signal);
  const end = results.return.bind(results);
  // A generator's return() takes effect only at the next yield. Pending checks are cancelled before that.
  results.return = (value) => {
    cancellation.abort();
    return end(value);
  };
  return results;
}

async function* generate(
  start: () => Promise<StartedLoop>,
  targets: Targets,
  options: AnyCheckAllOptions | number,
  defaults: Defaults,
  cancellation: AbortSignal,
): AsyncGenerator<AnyResult, void, void> {
  const given: AnyCheckAllOptions = optionsOf(options);
  const resolved = resolveOptions(given, defaults, "checkAll()");
  const { concurrency } = given;
  const rate = resolveRate(given.rate) ?? Infinity;
  const onInvalid = resolveOnInvalid(given.onInvalid);
  const signal = resolveSignal(given.signal);
  signal?.throwIfAborted();
  const { engine, runs, stopped } = await start();
  signal?.throwIfAborted();
  if (stopped) throw stopped.reason;
  if (cancellation.aborted) return;
  const limits = { window: engine.window, rate: Math.min(rate, engine.rate ?? Infinity) };
  const run = new CheckAllRun(engine, resolved, {
    concurrency: resolveConcurrency(concurrency, limits, resolved.timeout),
    rate,
    onInvalid,
  });
  cancellation.onabort = () => run.cancel();
  runs.add(run);
  if (signal !== undefined) onAbort(signal, run);
  run.pull(targets);
  try {
    while (await run.hasResults()) {
      for (const result of run.takeResults()) {
        run.throwIfAborted();
        yield result;
      }
    }
  } catch (error) {
    // An error of closing the source must not replace the first error.
    await run.closeSource().catch(() => {});
    throw error;
  } finally {
    runs.delete(run);
    if (signal !== undefined) offAbort(signal, run);
    run.cancel();
    await run.closeSource();
  }
}

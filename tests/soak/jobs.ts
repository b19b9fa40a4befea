/** Jobs of the soak test, which run concurrently. Each job waits for the end of its checks. */

import { type CheckAllOptions, Checker, type CheckOptions, type CheckResult, type CheckTarget } from "../../mod.ts";
import { blockEventLoop } from "../support/block.ts";
import type { Random } from "./random.ts";
import { ExpectedResults, type Tally } from "./tally.ts";
import { ANSWERING, LATE, type Resolve, SILENT, type Target } from "./targets.ts";

/** Context of a job. */
export interface JobContext {
  /** A checker whose loop runs until the job has ended. */
  readonly checker: Checker;
  readonly random: Random;
  readonly tally: Tally;
}

/** A job. */
export type Job = (context: JobContext) => Promise<void>;

/** Timeout in ms of checks of targets that answer. No check reaches it. */
const LONG = 600_000;
/** Timeout for silent targets, in ms. */
const SHORT = { min: 1, max: 200 };

/** Draws a job at random. */
export function drawJob(random: Random): Job {
  return random.oneOf([addresses, addresses, stream, stream, brokenStream, cancelledChecks, restarts, busy, misuse]);
}

/** Concurrent checks of one address each. */
async function addresses({ checker, random, tally }: JobContext): Promise<void> {
  const requests = drawRequests(random, random.integer(1, 1000));
  await Promise.all(requests.map(async (request) => {
    const { target, options } = request;
    tally.result(await checker.checkAddr(target.target, options), expectationOf(request), options.timeout);
  }));
}

/** A `checkAll()` that is read to its end. */
async function stream(context: JobContext): Promise<void> {
  const { expected, timeout, results } = openStream(context);
  for await (const result of results) context.tally.result(result, expected.match(result), timeout);
  if (expected.left.length > 0) throw new Error(`Never answered: ${Deno.inspect(expected.left)}`);
}

/** A `checkAll()` that is ended early, by `break` or by its signal. */
async function brokenStream(context: JobContext): Promise<void> {
  const { random, tally } = context;
  const controller = new AbortController();
  const { expected, timeout, results } = openStream(context, controller.signal);
  const reason = new Error("enough");
  const aborts = random.oneOf([true, false]);
  let left = random.integer(1, 500);
  try {
    for await (const result of results) {
      tally.result(result, expected.match(result), timeout);
      if (--left > 0) continue;
      if (!aborts) break;
      controller.abort(reason);
    }
  } catch (error) {
    if (error !== reason) throw error;
  }
  for (const expectation of expected.left) tally.cancelled(expectation);
}

/** Checks whose signal aborts: before the start, in the same turn of the event loop, or after the first result. */
async function cancelledChecks({ checker, random, tally }: JobContext): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  const when = random.oneOf(["before", "at once", "later"] as const);
  if (when === "before") controller.abort(reason);
  const pending = begin(checker, drawRequests(random, random.integer(1, 300), LONG), signal);
  if (when === "later") await oneUp(checker, tally);
  controller.abort(reason);
  const isReason = (rejection: unknown) => rejection === reason;
  if (when !== "before") return await countOutcomes(pending, tally, isReason);
  for (const { promise } of pending) {
    const [outcome] = await Promise.allSettled([promise]);
    if (outcome.status === "fulfilled" || !isReason(outcome.reason)) {
      throw new Error("A check that was cancelled before its start has a result");
    }
    // The kernel's counters show that nothing was sent.
    tally.rejected("cancelled before");
  }
}

/** A checker that is started and stopped repeatedly, with checks pending. */
async function restarts({ random, tally }: JobContext): Promise<void> {
  const checker = new Checker();
  for (let round = random.integer(1, 4); round > 0; round--) {
    const stop = new AbortController();
    const loop = checker.checkingLoop(stop.signal);
    const pending = begin(checker, drawRequests(random, random.integer(1, 100), LONG));
    if (random.oneOf([true, false])) await oneUp(checker, tally);
    const reason = new Error("enough");
    stop.abort(reason);
    await countOutcomes(pending, tally, (rejection) => rejection === reason);
    await loop;
  }
  let pending: PendingCheck[];
  {
    await using _ = checker;
    checker.checkingLoop();
    pending = begin(checker, drawRequests(random, 50, LONG));
  }
  await countOutcomes(
    pending,
    tally,
    (rejection) => rejection instanceof DOMException && rejection.name === "AbortError",
  );
}

/** JavaScript that blocks the event loop, so that results wait. */
function busy({ random }: JobContext): Promise<void> {
  blockEventLoop(random.integer(20, 300));
  return Promise.resolve();
}

/** Invalid input, which must be rejected. */
async function misuse({ checker, random, tally }: JobContext): Promise<void> {
  const target = random.oneOf<unknown>(NO_TARGETS) as CheckTarget;
  const options = random.oneOf<unknown>(NO_OPTIONS) as CheckOptions;
  const refused = await Promise.allSettled([
    checker.checkAddr(target),
    checker.checkAddr("127.0.0.1:80", options),
    checker.checkAll([target]).next(),
    checker.checkAll(["127.0.0.1:80"], options).next(),
  ]);
  for (const outcome of refused) {
    const right = outcome.status === "rejected" &&
      (outcome.reason instanceof TypeError || outcome.reason instanceof RangeError);
    if (!right) throw new Error(`${Deno.inspect({ target, options, outcome })} should have been rejected`);
    tally.rejected("misuse");
  }
}

/** A worker that is terminated with checks pending. */
export async function terminatedWorker(random: Random, tally: Tally): Promise<void> {
  const targets = drawRequests(random, 50, LONG).map(({ target }) => target);
  const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
    worker.postMessage(targets.map(({ target }) => target));
  });
  worker.terminate();
  for (const { answers } of targets) tally.cancelled(answers.any[0]);
}

/** A check whose result shows that the earlier checks are in flight. */
async function oneUp(checker: Checker, tally: Tally): Promise<void> {
  const result = await checker.checkAddr("127.0.0.1:80", LONG);
  tally.result(result, { outcome: "127.0.0.1 up", probes: ["open"] }, LONG);
}

const NO_TARGETS = [
  "",
  "127.0.0.1",
  "127.0.0.1:0",
  "127.0.0.1:65536",
  "127.0.0.256:80",
  "::1:80",
  "[::1]",
  "http://127.0.0.1:80",
  "one.test:80 ",
  { hostname: "127.0.0.1", port: 1.5 },
  { hostname: "127.0.0.1", port: "80" },
  { hostname: "", port: 80 },
  {},
  80,
  null,
];

const NO_OPTIONS = [
  null,
  { timeout: 0 },
  { timeout: -1 },
  { timeout: NaN },
  { timeout: 2 ** 31 },
  { timeout: "1000" },
  { signal: {} },
  { family: 5 },
  { resolve: "some" },
  { zeroLinger: 1 },
];

/** A planned check of one address. */
interface CheckRequest {
  readonly target: Target;
  readonly options: CheckOptions & { timeout: number; resolve: "any" | "first" };
}

/** A started check. */
interface PendingCheck {
  readonly request: CheckRequest;
  readonly promise: Promise<CheckResult>;
}

function drawRequests(random: Random, count: number, timeout?: number): CheckRequest[] {
  return Array.from({ length: count }, () => {
    const target = drawTarget(random);
    const short = () => SILENT.includes(target) ? random.integer(SHORT.min, SHORT.max) : LONG;
    const resolve = target === LATE ? "any" : random.oneOf(["any", "first"] as const);
    return { target, options: { timeout: timeout ?? short(), resolve } };
  });
}

function drawTarget(random: Random): Target {
  // Most checks are fast, and a few are slow.
  const draw = random.integer(1, 100);
  if (draw === 1) return LATE;
  return random.oneOf(draw <= 20 ? SILENT : ANSWERING);
}

function expectationOf({ target, options }: CheckRequest) {
  return target.answers[options.resolve][0];
}

function begin(checker: Checker, requests: CheckRequest[], signal?: AbortSignal): PendingCheck[] {
  return requests.map((request) => {
    const promise = checker.checkAddr(request.target.target, { ...request.options, signal });
    // The rejection is handled later, where the check is counted.
    promise.catch(() => {});
    return { request, promise };
  });
}

/** Waits for checks that may have been cancelled. */
async function countOutcomes(
  pending: PendingCheck[],
  tally: Tally,
  isReason: (rejection: unknown) => boolean,
): Promise<void> {
  const outcomes = await Promise.allSettled(pending.map(({ promise }) => promise));
  outcomes.forEach((outcome, i) => {
    const { request } = pending[i];
    if (outcome.status === "fulfilled") {
      return tally.result(outcome.value, expectationOf(request), request.options.timeout);
    }
    if (!isReason(outcome.reason)) {
      throw new Error("A cancelled check was rejected for another reason", { cause: outcome.reason });
    }
    tally.cancelled(expectationOf(request));
  });
}

/** A `checkAll()`, the outstanding results of the targets taken so far, and its timeout. */
interface Stream {
  readonly expected: ExpectedResults;
  readonly timeout: number;
  readonly results: AsyncIterable<CheckResult>;
}

function openStream({ checker, random }: JobContext, signal?: AbortSignal): Stream {
  const resolve = random.oneOf<Resolve>(["any", "first", "all"]);
  const silent = random.integer(1, 4) === 1;
  const several = silent ? SILENT : ANSWERING;
  const timeout = silent ? random.integer(SHORT.min, SHORT.max) : LONG;
  const concurrency = random.oneOf([undefined, random.integer(1, 500)]);
  const options: CheckAllOptions = { resolve, timeout, signal, concurrency };
  const expected = new ExpectedResults();
  // A silent target takes the whole timeout, so there are few of them.
  const count = random.integer(1, silent ? Math.min(1000, 4 * (concurrency ?? 1000)) : 1000);
  function* targets(): Generator<CheckTarget> {
    for (let i = 0; i < count; i++) {
      const target = random.oneOf(several);
      expected.add(target, resolve);
      yield target.target;
    }
  }
  async function* slowTargets(): AsyncGenerator<CheckTarget> {
    for (const target of targets()) {
      if (random.integer(1, 50) === 1) await new Promise((resolve) => setTimeout(resolve, 0));
      yield target;
    }
  }
  const iterable = random.oneOf([targets, slowTargets])();
  return { expected, timeout, results: checker.checkAll(iterable, options) };
}

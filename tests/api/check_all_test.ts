import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertBackPressure } from "../support/back_pressure.ts";
import { proves } from "../support/evidence.ts";
import { Checker } from "../../mod.ts";
import { engineTest, runningChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { run } from "../support/program.ts";
import { scaled } from "../support/scale.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("checkAll() yields one result per target", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const closed = closedPort();
  const targets = Array.from({ length: 1000 }, (_, i) => i % 3 === 0 ? closed : open.target);
  const counts = new Map<string, number>();
  for await (const { target, status } of checker.checkAll(targets)) {
    const key = `${target} ${status}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts, new Map([[`${closed} refused`, 334], [`${open.target} up`, 666]]));
});

engineTest("checkAll() of no targets ends at once", async (engine) => {
  await using checker = await runningChecker(engine);
  assertEquals(await Array.fromAsync(checker.checkAll([])), []);
});

engineTest("checkAll() yields results in order of completion", async (engine) => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const results = checker.checkAll([silent.target, open.target], { timeout: 60_000 });
  const first = await results.next();
  assertEquals(first.value.target, open.target);
  await results.return!();
});

engineTest("checkAll() has no more checks in flight than its concurrency", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  let taken = 0;
  let answered = 0;
  let most = 0;
  function* targets() {
    for (; taken < 1000; taken++) {
      most = Math.max(most, taken - answered);
      yield open.target;
    }
  }
  for await (const _ of checker.checkAll(targets(), { concurrency: 7 })) answered++;
  assertEquals(answered, 1000);
  // Seven checks in flight, and at most as many buffered results, some of them fetched in one batch.
  assert(most <= 21, `${most} targets were taken without a result`);
});

engineTest("the default concurrency of checkAll() depends on the engine's limits", async ({ name }) => {
  using silent = await SilentPort.open();
  await using checker = new Checker({ engine: name, fallback: "error", ...name === "raw" && { rate: 1000 } });
  checker.checkingLoop();
  /** Starts checks up to the concurrency limit, and returns their number. */
  const fill = async (timeout: number) => {
    let taken = 0;
    const full = new AbortController();
    function* endless() {
      // All targets are taken in one turn, because no result is ready.
      setTimeout(() => full.abort(), 0);
      for (;;) {
        taken++;
        yield silent.target;
      }
    }
    const results = checker.checkAll(endless(), { timeout, signal: full.signal });
    await assertRejects(() => results.next(), DOMException);
    return taken;
  };
  const [short, long] = [await fill(1000), await fill(20_000)];
  if (name === "raw") return assertEquals([short, long], [4096, 20_000]);
  // Limited by descriptors, independent of the timeout.
  assertEquals(short, long);
  assert(short > 1 && short <= 4096, `${short} were in flight`);
});

engineTest("checkAll() takes no more targets while its results are not consumed", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  await assertBackPressure(checker, open.target);
});

engineTest("checkAll() takes async iterables", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  async function* targets() {
    for (let i = 0; i < 100; i++) {
      if (i % 10 === 0) await checker.checkAddr(open.target);
      yield open.target;
    }
  }
  const results = await Array.fromAsync(checker.checkAll(targets(), { concurrency: 3 }));
  assertEquals(results.length, 100);
  assert(results.every(({ status }) => status === "up"));
});

engineTest(`checkAll() with resolve: "all" yields a result for each address of a name`, async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const named = await Array.fromAsync(
    checker.checkAll([`localhost:${open.port}`, open.target], { resolve: "all", family: 4 }),
  );
  assertEquals(named.map(({ status, address }) => [status, address?.hostname]), [
    ["up", "127.0.0.1"],
    ["up", "127.0.0.1"],
  ]);
});

Deno.test("checkAll() needs flat memory for any number of targets", async (t) => {
  using open = new OpenPort();
  const step = scaled(50_000, 5000);
  const script = `
    function* targets() {
      for (let i = 0; i < ${5 * step}; i++) yield "${open.target}";
    }
    await using checker = new Checker();
    checker.checkingLoop();
    const used = [];
    let up = 0;
    for await (const { status } of checker.checkAll(targets(), { concurrency: 500 })) {
      if (status === "up" && ++up % ${step} === 0) {
        gc();
        used.push(Deno.memoryUsage().heapUsed);
      }
    }
    console.log(JSON.stringify(used));
  `;
  const { stdout, stderr } = await run(script, ["--allow-ffi", "--v8-flags=--expose-gc"]);
  assertEquals(stderr, "");
  const used: number[] = JSON.parse(stdout);
  assertEquals(used.length, 5);
  // 20,000 kept results would take 4 MB; 500 buffered results take 0.1 MB.
  assert(used[4] - used[0] < 2e6, `the heap grew from ${used[0]} to ${used[4]} bytes`);
  const growth = Math.round((used[4] - used[0]) / 1000);
  proves(t, "nothingLeft", `the heap grew by ${growth} kB from result ${step} to result ${5 * step}`);
});

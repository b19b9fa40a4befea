/** `Checker.start()`, and the delivery of a loop's errors. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { Checker, CheckerNotRunningError } from "../../mod.ts";
import { engineTest } from "../support/engines.ts";
import { OpenPort } from "../support/listener.ts";
import { run } from "../support/program.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("start() resolves to a ready checker, whose disposal stops it", async ({ name }) => {
  using open = new OpenPort();
  let started: Checker;
  {
    await using checker = started = await Checker.start({ engine: name });
    assertEquals(checker.isReady, true);
    assertEquals((await checker.checkAddr(open.target)).status, "up");
  }
  assertEquals(started.isReady, false);
});

engineTest("start()'s signal stops the checker, and rejects pending checks with its reason", async ({ name }) => {
  using silent = await SilentPort.open();
  const stop = new AbortController();
  await using checker = await Checker.start({ engine: name, signal: stop.signal });
  const check = checker.checkAddr(silent.target, 60_000);
  const reason = new Error("enough");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => check), reason);
  assertEquals(checker.isReady, false);
  await assertRejects(() => checker.checkAddr(silent.target), CheckerNotRunningError);
});

engineTest("start() rejects with the reason of a signal that aborts before or during the start", async ({ name }) => {
  const reason = new Error("enough");
  const aborted = Checker.start({ engine: name, signal: AbortSignal.abort(reason) });
  assertStrictEquals(await assertRejects(() => aborted), reason);
  const stop = new AbortController();
  const starting = Checker.start({ engine: name, signal: stop.signal });
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => starting), reason);
});

Deno.test("start() rejects for malformed options", async () => {
  await assertRejects(() => Checker.start({ engine: "fast" as "raw" }), TypeError, "engine must be");
  await assertRejects(() => Checker.start({ signal: {} as AbortSignal }), TypeError, "signal must be");
  await assertRejects(() => Checker.start(null!), TypeError, "options of Checker.start() must be an object: null");
});

/** Programs that handle a failed start in one place, and the lines that they print. */
const HANDLED = {
  "start()": `await Checker.start(options).catch(tell);`,
  "waitReady()": `const checker = new Checker(options); checker.checkingLoop(); await checker.waitReady().catch(tell);`,
  "a check":
    `const checker = new Checker(options); checker.checkingLoop(); await checker.checkAddr(target).catch(tell);`,
  "checkAll()": `const checker = new Checker(options); checker.checkingLoop();
    try { for await (const _ of checker.checkAll([target])); } catch (error) { tell(error); }`,
  "checkingLoop()": `await new Checker(options).checkingLoop().catch(tell);`,
};

const LOST = `
  const options = { interface: "nowhere" };
  const target = "127.0.0.1:1";
  const tell = ({ message }) => console.log(message);
`;

for (const [where, program] of Object.entries(HANDLED)) {
  Deno.test(`an error of the start that rejects ${where} does not also end the process`, async () => {
    const { code, stdout, stderr } = await run(
      `${LOST}${program}\n await 0; setTimeout(() => console.log("alive"), 10);`,
    );
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout, "Cannot check with interface nowhere: there is no such interface (ENODEV)\nalive\n");
  });
}

Deno.test("an unhandled error of the start ends the process", async () => {
  const { code, stderr } = await run(`${LOST} new Checker(options).checkingLoop();`);
  assert(code !== 0);
  assertStringIncludes(stderr, "there is no such interface");
});

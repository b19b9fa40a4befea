/** Options: a checker's defaults, unknown names, and the short form. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Checker, type CheckerOptions, type CheckOptions } from "../../mod.ts";
import { engineTest } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("a checker's timeout is the default of its checks", async ({ name }) => {
  using silent = await SilentPort.open();
  // A timer may be late, but never early: so they are longer than the default, 1 s.
  const [checkerTimeout, checkTimeout] = [1100, 1200];
  await using checker = await Checker.start({ engine: name, timeout: checkerTimeout });
  const outcomes = await Promise.all([
    checker.checkAddr(silent.target),
    checker.checkAddr(silent.target, { timeout: checkTimeout }),
    checker.checkAddr(silent.target, checkTimeout),
    Array.fromAsync(checker.checkAll([silent.target])),
    Array.fromAsync(checker.checkAll([silent.target], checkTimeout)),
  ]);
  outcomes.flat().forEach(({ status, duration }, i) => {
    const timeout = [checkerTimeout, checkTimeout, checkTimeout, checkerTimeout, checkTimeout][i];
    assertEquals([status, duration >= timeout], ["timeout", true], `${duration} of ${timeout} ms`);
  });
});

engineTest("a checker's family is the default of its checks", async ({ name }) => {
  await using checker = await Checker.start({ engine: name, family: 6 });
  const port = closedPort();
  assertEquals((await checker.checkAddr(port)).status, "unresolved");
  assertEquals((await checker.checkAddr(port, { family: 4 })).status, "refused");
  assertEquals((await checker.checkAddr(port, { family: 0 })).status, "refused");
  const [result] = await Array.fromAsync(checker.checkAll([port]));
  assertEquals(result.status, "unresolved");
});

Deno.test("a checker's details is the default of its checks", async () => {
  using open = new OpenPort();
  await using checker = await Checker.start({ details: true });
  const hasPeer = (options?: CheckOptions) =>
    checker.checkAddr(open.target, options).then((result) => "peer" in result);
  assertEquals([await hasPeer(), await hasPeer({ details: false })], [true, false]);
});

Deno.test("an unknown option is a TypeError that names the nearest option", async () => {
  const unknown = { timeot: 5 } as CheckerOptions;
  const message = 'has no option "timeot": did you mean "timeout"?';
  assertThrows(() => new Checker(unknown), TypeError, `Cannot check: a checker ${message}`);
  await assertRejects(() => Checker.start(unknown), TypeError, `Checker.start() ${message}`);
  await using checker = await Checker.start();
  const target = closedPort();
  await assertRejects(() => checker.checkAddr(target, unknown as CheckOptions), TypeError, `checkAddr() ${message}`);
  await assertRejects(
    () => checker.checkAll([target], unknown as CheckOptions).next(),
    TypeError,
    `checkAll() ${message}`,
  );
  await assertRejects(
    () => checker.checkAddr(target, { other: 5 } as CheckOptions),
    TypeError,
    'checkAddr() has no option "other": its options are timeout, queueTimeout,',
  );
  // Inherited properties are read, so they are checked too; a method of all objects is not an option.
  await assertRejects(() => checker.checkAddr(target, Object.create(unknown)), TypeError, message);
  await assertRejects(() => checker.checkAddr(target, { toString: 1 } as CheckOptions), TypeError, '"toString"');
});

Deno.test("an option of another function is a TypeError that names the function", async () => {
  await using checker = await Checker.start();
  await assertRejects(
    () => checker.checkAddr(closedPort(), { concurrency: 5 } as CheckOptions),
    TypeError,
    'checkAddr() has no option "concurrency": it is an option of checkAll()',
  );
  const signal = AbortSignal.abort();
  assertThrows(
    () => new Checker({ signal } as CheckerOptions),
    TypeError,
    'a checker has no option "signal": it is an option of checkAddr(), checkAll(), waitUntil(), Checker.start()',
  );
});

Deno.test("options of another type are a TypeError with the value", async () => {
  await using checker = await Checker.start();
  const text = "5s" as unknown as CheckOptions;
  const expected = 'options of checkAddr() must be an object, or a timeout in ms: "5s"';
  await assertRejects(() => checker.checkAddr(closedPort(), text), TypeError, expected);
  assertThrows(() => new Checker(5 as CheckerOptions), TypeError, "options of a checker must be an object: 5");
});

Deno.test("an unknown option that is undefined is ignored", async () => {
  await using checker = await Checker.start({ timeot: undefined } as CheckerOptions);
  assertEquals((await checker.checkAddr(closedPort(), { x: undefined } as CheckOptions)).status, "refused");
});

/** Options: the defaults of a checker, the names there are, and the short form. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Checker, type CheckerOptions, type CheckOptions } from "../../mod.ts";
import { engineTest } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("a checker's timeout is that of its checks unless they say otherwise", async ({ name }) => {
  using silent = await SilentPort.open();
  await using checker = await Checker.start({ engine: name, timeout: 50 });
  const outcomes = await Promise.all([
    checker.checkAddr(silent.target),
    checker.checkAddr(silent.target, { timeout: 100 }),
    checker.checkAddr(silent.target, 100),
    ...await Array.fromAsync(checker.checkAll([silent.target])),
    ...await Array.fromAsync(checker.checkAll([silent.target], 100)),
  ]);
  // A timer may be late, and never early.
  outcomes.forEach(({ status, duration }, i) => {
    const timeout = [50, 100, 100, 50, 100][i];
    assertEquals([status, duration >= timeout && duration < 1000], ["timeout", true], `${duration} of ${timeout} ms`);
  });
});

engineTest("a checker's family is that of its checks unless they say otherwise", async ({ name }) => {
  await using checker = await Checker.start({ engine: name, family: 6 });
  const port = closedPort();
  assertEquals((await checker.checkAddr(port)).status, "unresolved");
  assertEquals((await checker.checkAddr(port, { family: 4 })).status, "refused");
  assertEquals((await checker.checkAddr(port, { family: 0 })).status, "refused");
  const [result] = await Array.fromAsync(checker.checkAll([port]));
  assertEquals(result.status, "unresolved");
});

Deno.test("a checker's details are told of its checks unless they say otherwise", async () => {
  using open = new OpenPort();
  await using checker = await Checker.start({ details: true });
  const told = (options?: CheckOptions) => checker.checkAddr(open.target, options).then((result) => "peer" in result);
  assertEquals([await told(), await told({ details: false })], [true, false]);
});

Deno.test("an option of a name that there is none of is a TypeError, which names the nearest", async () => {
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
  const other = { concurrency: 5 } as CheckOptions;
  await assertRejects(
    () => checker.checkAddr(target, other),
    TypeError,
    'checkAddr() has no option "concurrency": its options are timeout, signal, zeroLinger,',
  );
  // Inherited properties are read, so they are judged too; the name of a method of all objects is none of an option.
  await assertRejects(() => checker.checkAddr(target, Object.create(unknown)), TypeError, message);
  await assertRejects(() => checker.checkAddr(target, { toString: 1 } as CheckOptions), TypeError, '"toString"');
});

Deno.test("an unknown option that is undefined is none", async () => {
  await using checker = await Checker.start({ timeot: undefined } as CheckerOptions);
  assertEquals((await checker.checkAddr(closedPort(), { x: undefined } as CheckOptions)).status, "refused");
});

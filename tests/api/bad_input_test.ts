import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Checker, type CheckerOptions, type CheckTarget } from "../../mod.ts";
import { proves } from "../support/evidence.ts";
import { engineTest, newChecker } from "../support/engines.ts";
import { OpenPort } from "../support/listener.ts";
import { quote } from "../../lib/quote.ts";

// The checker runs, so that a rejection can't come from its state.
async function rejection(target: unknown, options?: unknown): Promise<Error> {
  await using checker = new Checker();
  checker.checkingLoop();
  return await assertRejects(() => checker.checkAddr(target as CheckTarget, options as number));
}

const MALFORMED: unknown[] = [
  "host",
  "",
  ":",
  "host:",
  ":80",
  "a:b:c",
  "::1:80",
  "[::1",
  "[::1]",
  "[::1]80",
  "[]:80",
  "[::1]]:80",
  "[::g]:80",
  "[1.2.3.4]:80",
  "[host]:80",
  "[fe80::1%]:80",
  "[fe80::1%an-interface-name-too-long]:80",
  // A character whose lower byte is the "l" of "lo".
  "[::1%\u016co]:80",
  "[fe80::1%eth\u007f]:80",
  "1.2.3.4:80x",
  "1.2.3.4: 80",
  "1.2.3.4:+80",
  "1.2.3.4:0x50",
  "1.2.3:80",
  "1.2.3.4.5:80",
  "1.2.3.256:80",
  "01.2.3.4:80",
  "ho st:80",
  " host:80",
  "host :80",
  "ho\0st:80",
  "ho\nst:80",
  "http://host:80",
  "http://host",
  "192.0.2.1://80",
  new URL("http://host:80"),
  "user@host:80",
  "ho%73t:80",
  "a..b:80",
  ".host:80",
  "-host:80",
  "host-:80",
  `${"a".repeat(64)}.example:80`,
  `${"a.".repeat(127)}example:80`,
  `${"x".repeat(65536)}:80`,
  `${"ü".repeat(65536)}:80`,
  "bü cher.example:80",
  "\ud800.example:80",
  5,
  undefined,
  null,
  true,
  Symbol("host:80"),
  () => "host:80",
  [],
  {},
  { hostname: "host" },
  { port: 80 },
  { hostname: "host", port: "80" },
  { hostname: 4, port: 80 },
  { hostname: "", port: 80 },
  { hostname: "host:80", port: 80 },
  { hostname: "[localhost]", port: 80 },
  { hostname: "[127.0.0.1]", port: 80 },
];

for (const target of MALFORMED) {
  const shown =
    (typeof target === "string" ? JSON.stringify(target) : Deno.inspect(target)).slice(0, 40).split("\n")[0];
  Deno.test(`checkAddr() rejects the malformed target ${shown}`, async () => {
    const error = await rejection(target);
    assertEquals(error.name, "TypeError");
    assertStringIncludes(error.message, quote(target));
    assertEquals(error.message.length < 400, true, "the message is truncated");
  });
}

for (const port of [0, 65536, -1, 1.5, NaN]) {
  for (const target of [{ hostname: "127.0.0.1", port }, `127.0.0.1:${port}`, `[::1]:${port}`, `localhost:${port}`]) {
    Deno.test(`checkAddr() rejects the port of ${Deno.inspect(target)}`, async () => {
      const error = await rejection(target);
      assertEquals(error.name, "RangeError");
      assertStringIncludes(error.message, `it is ${port}`);
    });
  }
}

for (const timeout of [0, -1, NaN, 2 ** 31, Infinity, -Infinity]) {
  Deno.test(`checkAddr() rejects a timeout of ${timeout}`, async () => {
    for (const options of [timeout, { timeout }]) {
      const error = await rejection("127.0.0.1:80", options);
      assertEquals(error.name, "RangeError");
      assertStringIncludes(error.message, `it is ${timeout}`);
    }
  });
}

for (const target of ["http://host:80", "https://192.0.2.1", "192.0.2.1://80"]) {
  Deno.test(`checkAddr() rejects ${target} with an error that mentions URLs`, async () => {
    assertStringIncludes((await rejection(target)).message, "it is a URL");
  });
}

Deno.test("checkAddr() rejects a port with the fraction .0", async () => {
  assertEquals((await rejection("127.0.0.1:80.0")).name, "RangeError");
});

engineTest("checkAddr() accepts any timeout above 0 up to 2^31 - 1", async (engine) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  for (const timeout of [2 ** 31 - 1, 1000.5]) {
    assertEquals((await checker.checkAddr(open.target, timeout)).status, "up");
  }
  // With so short a timeout most checks time out.
  const { status } = await checker.checkAddr(open.target, Number.MIN_VALUE);
  assertEquals(["timeout", "up"].includes(status), true);
});

for (
  const [options, name] of [
    [{ timeout: "1000" }, "TypeError"],
    [{ timeout: null }, "TypeError"],
    [{ zeroLinger: 1 }, "TypeError"],
    [{ family: 5 }, "RangeError"],
    [{ family: "4" }, "RangeError"],
    [{ resolve: "all" }, "TypeError"],
    [{ resolve: "toString" }, "TypeError"],
    [{ details: "yes" }, "TypeError"],
    [{ signal: {} }, "TypeError"],
    [{ signal: new AbortController() }, "TypeError"],
    [null, "TypeError"],
    ["1000", "TypeError"],
  ] as const
) {
  Deno.test(`checkAddr() rejects the options ${Deno.inspect(options)}`, async () => {
    assertEquals((await rejection("127.0.0.1:80", options)).name, name);
  });
}

engineTest("a malformed check does not affect checks of the same batch", async (engine, t) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const bad = [{ signal: {} }, { timeout: -1 }, { family: 5 }, null] as unknown as { timeout: number }[];
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => checker.checkAddr(open.target, i % 5 < 4 ? bad[i % 5] : {})),
  );
  outcomes.forEach(({ status }, i) => assertEquals(status, i % 5 < 4 ? "rejected" : "fulfilled"));
  const rejected = outcomes.filter(({ status }) => status === "rejected").length;
  proves(t, "input", `${rejected} malformed checks rejected, ${outcomes.length - rejected} of the same batch up`);
});

engineTest("a signal of null means no signal, as for fetch()", async (engine) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  checker.checkingLoop(null);
  const options = { signal: null };
  assertEquals((await checker.checkAddr(open.target, options)).status, "up");
  assertEquals((await checker.checkAll([open.target], options).next()).value.status, "up");
});

Deno.test("checkingLoop() rejects a value that is not a signal, and can be run afterwards", async () => {
  await using checker = new Checker();
  for (const signal of [{}, new AbortController(), "abort"]) {
    await assertRejects(() => checker.checkingLoop(signal as AbortSignal), TypeError, "AbortSignal");
  }
  checker.checkingLoop();
  await checker.waitReady();
});

Deno.test("new Checker() rejects malformed options", () => {
  const malformed: unknown[] = [
    "zeroLinger",
    null,
    { zeroLinger: 1 },
    { engine: "none" },
    { engine: "raw", zeroLinger: false },
    { engine: "auto", zeroLinger: false },
    { engine: "raw", rate: "1" },
    { rate: "1" },
    { timeot: 5 },
    { timeout: "5" },
    { resolve: "all" },
    { details: 1 },
    { signal: AbortSignal.abort() },
    { engine: null },
    { fallback: "none" },
    { fallback: true },
  ];
  for (const options of malformed) {
    assertThrows(() => new Checker(options as CheckerOptions), TypeError, "Cannot check: ");
  }
  for (const rate of [0, -1, NaN]) {
    assertThrows(() => new Checker({ rate }), RangeError, "rate must be above 0");
  }
});

Deno.test("checkAddr() rejects zeroLinger: false with engines that may be raw", async () => {
  for (const engine of ["raw", "auto"] as const) {
    const checker = new Checker({ engine });
    const error = await assertRejects(() => checker.checkAddr("127.0.0.1:80", { zeroLinger: false }), TypeError);
    assertStringIncludes(error.message, `zeroLinger: false needs engine "socket", it is "${engine}"`);
  }
});

for (const concurrency of [0, -1, 1.5, NaN, Infinity, "8", null]) {
  Deno.test(`checkAll() rejects a concurrency of ${Deno.inspect(concurrency)}`, async () => {
    await using checker = new Checker();
    checker.checkingLoop();
    const error = await assertRejects(() => checker.checkAll([], { concurrency: concurrency as number }).next());
    assertEquals(error.name, typeof concurrency === "number" ? "RangeError" : "TypeError");
    assertStringIncludes(error.message, String(concurrency));
  });
}

for (const targets of [undefined, null, 5, "127.0.0.1:80", {}]) {
  Deno.test(`checkAll() rejects ${Deno.inspect(targets)}, which is not an iterable of targets`, async () => {
    await using checker = new Checker();
    checker.checkingLoop();
    await assertRejects(
      () => checker.checkAll(targets as unknown as string[]).next(),
      TypeError,
      `such as an array: ${quote(targets)}`,
    );
  });
}

engineTest("checkAddr() accepts every form of a target", async (engine) => {
  using v4 = new OpenPort();
  using v6 = new OpenPort("::1");
  await using checker = newChecker(engine);
  checker.checkingLoop();
  for (
    const [target, hostname] of [
      [`127.0.0.1:${v4.port}`, "127.0.0.1"],
      [{ hostname: "127.0.0.1", port: v4.port }, "127.0.0.1"],
      [`[::ffff:127.0.0.1]:${v4.port}`, "127.0.0.1"],
      [`[::ffff:7f00:1]:${v4.port}`, "127.0.0.1"],
      [`localhost:${v4.port}`, "127.0.0.1"],
      [`LOCALHOST:${v4.port}`, "127.0.0.1"],
      [`[::1]:${v6.port}`, "::1"],
      [`[0:0:0:0:0:0:0:1]:${v6.port}`, "::1"],
      [{ hostname: "::1", port: v6.port }, "::1"],
      [{ hostname: "[::1]", port: v6.port }, "::1"],
    ] as const
  ) {
    const result = await checker.checkAddr(target, { family: hostname === "::1" ? 6 : 4 });
    assertEquals([result.status, result.address?.hostname], ["up", hostname], Deno.inspect(target));
    assertEquals(result.target, target);
  }
});

/** Targets as text: parsed, formatted, expanded. */

import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Checker, type CheckTarget, type ExpandOptions, expandTargets, formatTarget, parseTarget } from "../../mod.ts";
import { closedPort } from "../support/listener.ts";

const expanded = (text: string, options?: ExpandOptions) => [...expandTargets(text, options)].map(formatTarget);

Deno.test("parseTarget() returns the host and the port in canonical form", () => {
  assertEquals(parseTarget("192.0.2.1:80"), { hostname: "192.0.2.1", port: 80 });
  assertEquals(parseTarget("[2001:DB8::0:1]:443"), { hostname: "2001:db8::1", port: 443 });
  assertEquals(parseTarget("[fe80::1%eth0]:22"), { hostname: "fe80::1%eth0", port: 22 });
  assertEquals(parseTarget("DB.Example:80"), { hostname: "db.example", port: 80 });
  assertEquals(parseTarget("bücher.example:80"), { hostname: "xn--bcher-kva.example", port: 80 });
  assertThrows(() => parseTarget("192.0.2.1"), TypeError, "it has no port");
  assertThrows(() => parseTarget("192.0.2.1:0"), RangeError, "it is 0");
  assertThrows(() => parseTarget({ hostname: "a", port: 1 } as unknown as string), TypeError, "a target is a string");
});

Deno.test("formatTarget() is the inverse of parseTarget()", () => {
  for (const text of ["192.0.2.1:80", "[2001:db8::1]:443", "[fe80::1%eth0]:22", "a.example:1"]) {
    assertEquals(formatTarget(parseTarget(text)), text);
    assertEquals(formatTarget(text), text);
  }
  assertEquals(formatTarget({ hostname: "[::1]", port: 1 }), "[::1]:1");
});

Deno.test("expandTargets() expands networks, lists and ranges, all ports of the first host first", () => {
  assertEquals(
    expanded("198.51.100.6/30:80,443"),
    [4, 5, 6, 7].flatMap((n) => [80, 443].map((port) => `198.51.100.${n}:${port}`)),
  );
  assertEquals(expanded("[2001:db8::/127]:1-2"), [
    "[2001:db8::]:1",
    "[2001:db8::]:2",
    "[2001:db8::1]:1",
    "[2001:db8::1]:2",
  ]);
  assertEquals(expanded("[2001:db8::1]/128:1"), ["[2001:db8::1]:1"]);
  assertEquals(expanded("example.com:2,1"), ["example.com:2", "example.com:1"]);
  assertEquals(expanded("::1", { ports: "7" }), ["[::1]:7"]);
  assertEquals(expanded("example.com", { ports: "7-8" }), ["example.com:7", "example.com:8"]);
  assertEquals(expanded("example.com:9", { ports: "7-8" }), ["example.com:9"]);
});

Deno.test("expandTargets() is lazy", () => {
  const set = expandTargets("[2001:db8::]/80:1-65535", { limit: Infinity });
  assertEquals(set.size, 2 ** 48 * 65_535);
  assertEquals(set.at(0), { hostname: "2001:db8::", port: 1 });
  assertEquals(set.at(65_535 * 0x1_0000_0001), { hostname: "2001:db8::1:0:1", port: 1 });
  assertThrows(() => set.at(-1), RangeError, "Cannot get target -1");
  assertThrows(() => set.at(0.5), RangeError);
  assertThrows(() => set.at(set.size), RangeError);
});

Deno.test("formatTarget() rejects a value that is not a target", () => {
  for (const wrong of [undefined, null, 5, {}, { hostname: "a" }, { hostname: "a", port: "80" }]) {
    assertThrows(() => formatTarget(wrong as unknown as CheckTarget), TypeError, "Cannot format");
  }
});

Deno.test("expandTargets() has a limit", () => {
  assertEquals(expandTargets("198.18.0.0/16:1").size, 65_536);
  const error = assertThrows(() => expandTargets("198.18.0.0/15:1"), RangeError);
  assertStringIncludes(
    error.message,
    `Cannot check "198.18.0.0/15:1": it has 131072 targets, the limit is 65536`,
  );
  assertEquals(expandTargets("198.18.0.0/15:1", { limit: 131_072 }).size, 131_072);
  for (const limit of [0, NaN, "5"]) {
    assertThrows(() => expandTargets("a:1", { limit: limit as number }), RangeError, "limit must be");
  }
  const misspelt = { limt: 5 } as ExpandOptions;
  assertThrows(() => expandTargets("a:1", misspelt), TypeError, 'has no option "limt": did you mean "limit"?');
  const numeric = { ports: 80 } as unknown as ExpandOptions;
  assertThrows(() => expandTargets("a", numeric), TypeError, "ports must be a string");
});

Deno.test("expandTargets() rejects malformed targets", () => {
  const malformed: [text: unknown, kind: new () => Error, message: string, options?: ExpandOptions][] = [
    ["198.51.100.0/28", TypeError, "it has no port"],
    ["198.51.100.0/33:80", RangeError, "the prefix length of an IPv4 address is 0 to 32, it is 33"],
    ["example.com/24:80", TypeError, "only an IP address without a zone has a prefix length"],
    ["[fe80::1%lo]/64:80", TypeError, "only an IP address without a zone"],
    ["198.51.100.0/28:0", TypeError, "port must be an integer from 1 to 65535"],
    ["198.51.100.0/28:9-8", TypeError, "the range of ports ends before it starts"],
    ["198.51.100.0", TypeError, "the port is not a number", { ports: "x" }],
    ["::1:80", TypeError, "an IPv6 address is written in brackets"],
    ["http://a:80", TypeError, "it is a URL"],
    ["a\u200b.example:80", TypeError, "it has a control or format character"],
    [5, TypeError, "targets are a string"],
  ];
  for (const [text, kind, message, options] of malformed) {
    assertThrows(() => expandTargets(text as string, options), kind, message);
  }
});

Deno.test("a range of addresses is rejected, and not parsed as a name", async () => {
  await using checker = await Checker.start();
  for (const range of ["10.0.0.1-5", "198.18.0.2-198.18.0.5", "198.18.0-3.1", "198.18.0.*", "198.18.*.1-9"]) {
    const message = "ranges of addresses are not supported";
    for (const parse of [parseTarget, expandTargets]) assertThrows(() => parse(`${range}:80`), TypeError, message);
    assertThrows(() => expandTargets(range, { ports: "80" }), TypeError, message);
    await assertRejects(() => checker.checkAddr({ hostname: range, port: 80 }), TypeError, message);
  }
  for (const name of ["ip-192-0-2-1", "192-0-2-1", "192-0-2-1.example.com", "1-2.3-4.a-b.c-d"]) {
    assertEquals(parseTarget(`${name}:80`).hostname, name);
  }
});

Deno.test(`with onInvalid: "result" malformed targets have results, and the others are checked`, async () => {
  await using checker = await Checker.start();
  const closed = closedPort();
  const targets = ["no port", closed, { hostname: "127.0.0.1", port: 70_000 }, 5 as unknown as string, closed];
  const reported: unknown[] = [];
  for await (const result of checker.checkAll(targets, { onInvalid: "result", concurrency: 1 })) {
    if (result.status !== "invalid") {
      assertEquals(result.target, closed);
      reported.push(result.status);
      continue;
    }
    const { target, error, ...rest } = result;
    assert(targets.includes(target));
    assertEquals(rest, { status: "invalid", mode: "half-open", engine: "socket", dnsTime: 0, duration: 0 });
    reported.push([error.name, error.message.includes("Cannot check")]);
  }
  assertEquals(reported, [["TypeError", true], "refused", ["RangeError", true], ["TypeError", true], "refused"]);
  const malformed = checker.checkAll(targets, { onInvalid: "skip" as "result" });
  assertEquals(
    await malformed.next().catch(({ message }) => message),
    'Cannot check: onInvalid must be "throw" or "result": "skip"',
  );
});

Deno.test("backpressure applies to malformed targets too", async () => {
  await using checker = await Checker.start();
  let taken = 0;
  function* endless() {
    while (true) {
      taken++;
      yield "no port";
    }
  }
  const results = checker.checkAll(endless(), { onInvalid: "result", concurrency: 8 });
  assertEquals((await results.next()).value.status, "invalid");
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert(taken <= 16, `${taken}`);
  await results.return!();
});

/** Names: the probed addresses and their order, and the results of names without an address. */

import { assert, assertEquals } from "@std/assert";
import type { Input, Output } from "../scripts/check.ts";
import { proves } from "../support/evidence.ts";
import { engineNamespaceTest, type EngineUnderTest } from "../support/engines.ts";
import { type NamespaceOptions, namespaceTest, runInNamespace, WIRE } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";

// 127.0.0.2 and 127.0.0.3 share 30 bits with 127.0.0.1, the source address, so that RFC 6724 keeps their order.
const FILES = {
  "/etc/hosts": `
    127.0.0.1 localhost
    127.0.0.2 name.test
    127.0.0.3 name.test
    127.0.0.1 both.test
    ::1 both.test
    127.0.0.1 four.test
    ::ffff:127.0.0.3 mapped.test
    127.0.0.2 six.test
    127.0.0.3 six.test
    127.0.0.4 six.test
    127.0.0.5 six.test
    127.0.0.6 six.test
    127.0.0.7 six.test
    0.0.0.0 sink.test
    :: sink.test
    ::ffff:0.0.0.0 mappedsink.test
    0.0.0.0 half.test
    127.0.0.3 half.test
  `,
  "/etc/nsswitch.conf": "hosts: files\n",
};
/** The addresses of name.test, and the state of each, port by port. */
const REFUSED_THEN_OPEN = 80;
const SILENT_THEN_OPEN = 81;
const SILENT_THEN_REFUSED = 82;
const REFUSED_THEN_SILENT = 83;
const SILENT_BUT_LAST = 84;
const SINK = 85;
const OPEN = [{ hostname: "127.0.0.3", port: 80 }, { hostname: "127.0.0.3", port: 81 }, { hostname: "::1", port: 80 }];
const SILENT = [81, 82].map((port) => ({ hostname: "127.0.0.2", port })).concat({ hostname: "127.0.0.3", port: 83 });

engineNamespaceTest(`resolve "any" tries the next address when the first refuses`, async (engine) => {
  const { results: [[result]] } = await check(engine, [{ target: `name.test:${REFUSED_THEN_OPEN}` }]);
  assertEquals(outcome(result), "127.0.0.3 up");
  assert(result.dnsTime > 0);
  assert(result.duration >= result.dnsTime);
});

engineNamespaceTest("a checker's resolve is the default of its checks", async ({ name }) => {
  const target = `name.test:${REFUSED_THEN_OPEN}`;
  const { results: [[byDefault], [own]] } = await runInNamespace<Output>("check.ts", {
    engine: name,
    checker: { resolve: "first" },
    open: OPEN,
    checks: [{ target }, { target, options: { resolve: "any" } }],
  }, { files: FILES });
  assertEquals([byDefault, own].map(outcome), ["127.0.0.2 refused ECONNREFUSED", "127.0.0.3 up"]);
});

engineNamespaceTest(
  `resolve "any" tries the next address after 250 ms of silence, and leaks nothing`,
  async (engine, t) => {
    const { results: [[result]], leftInSynSent } = await check(engine, [{ target: `name.test:${SILENT_THEN_OPEN}` }]);
    assertEquals(outcome(result), "127.0.0.3 up");
    assert(result.duration >= 250);
    // The first address is no longer probed.
    assertEquals(leftInSynSent, 0);
    const after = `after ${result.duration.toFixed(1)} ms`;
    proves(t, "names", `127.0.0.2 is silent: ${outcome(result)} ${after}, ${leftInSynSent} handshakes left`);
  },
);

engineNamespaceTest(`resolve "any" gives each address a share of a short timeout`, async (engine, t) => {
  const addresses = Array.from({ length: 5 }, (_, i) => `127.0.0.${2 + i}`);
  const short = (target: string, timeout: number) => Array(5).fill({ target, options: { timeout } });
  const checks = [
    ...[100, 250].flatMap((timeout) => short(`name.test:${SILENT_THEN_OPEN}`, timeout)),
    ...[60, 80, 100].flatMap((timeout) => short(`six.test:${SILENT_BUT_LAST}`, timeout)),
    { target: `six.test:${SILENT_BUT_LAST}`, options: { timeout: 1000 } },
  ];
  const { results, leftInSynSent } = await check(engine, checks, {}, {
    open: [...OPEN, { hostname: "127.0.0.7", port: SILENT_BUT_LAST }],
    silent: [...SILENT, ...addresses.map((hostname) => ({ hostname, port: SILENT_BUT_LAST }))],
  }, true);
  const timed = results.flat().map((result, i) => ({ result, timeout: checks[i].options.timeout }));
  // A loaded machine may spend the time on the lookup: then it is too short for delays of 10 ms.
  const tried = timed.filter(({ result, timeout }) =>
    timeout - result.dnsTime > 10 * (String(result.target).startsWith("six") ? 6 : 2)
  );
  assertEquals(tried.filter(({ result }) => result.status !== "up"), []);
  assert(tried.some(({ timeout }) => timeout === 1000));
  assertEquals(leftInSynSent, 0);
  const count = `${tried.length} of ${timed.length} checks with time left by the lookup`;
  proves(t, "names", `1 silent address first with a timeout of 100 and 250 ms, 5 with 60 to 1000 ms: ${count}, all up`);
});

engineNamespaceTest(
  "a name that a DNS filter blocks is unresolved, and this host gets no SYN",
  async (engine) => {
    const ports = [{ hostname: "127.0.0.1", port: SINK }, { hostname: "::1", port: SINK }];
    const targets = ["sink.test", "mappedsink.test"].map((name) => `${name}:${SINK}`);
    const options = [{}, { family: 4 }, { resolve: "first" }, { resolve: "all" }] as const;
    const checks = targets.flatMap((target) => options.map((options) => ({ target, options })));
    const { results } = await check(
      engine,
      [
        ...checks,
        ...options.map((options) => ({ target: `half.test:${REFUSED_THEN_OPEN}`, options })),
        // An explicit address of this host is probed.
        { target: `0.0.0.0:${SINK}` },
        { target: `[::]:${SINK}` },
      ],
      {},
      { open: [...OPEN, ...ports] },
    );
    assertEquals(results.map((ofTarget) => ofTarget.map(outcome).join()), [
      ...checks.map(() => "none unresolved SINKHOLE"),
      ...options.map(() => "127.0.0.3 up"),
      "0.0.0.0 up",
      ":: up",
    ]);
  },
);

engineNamespaceTest(`resolve "any" reports the most specific failure, regardless of the order`, async (engine) => {
  const ports = [SILENT_THEN_REFUSED, REFUSED_THEN_SILENT];
  const checks = ports.map((port) => ({ target: `name.test:${port}`, options: { timeout: 400 } }));
  const { results, leftInSynSent } = await check(engine, checks);
  assertEquals(results.flat().map(outcome), ["127.0.0.3 refused ECONNREFUSED", "127.0.0.2 refused ECONNREFUSED"]);
  for (const [result] of results) assert(result.duration >= 400);
  assertEquals(leftInSynSent, 0);
});

engineNamespaceTest(`resolve "first" reports the first address`, async (engine) => {
  const options = { resolve: "first", timeout: 400 } as const;
  const ports = [REFUSED_THEN_OPEN, SILENT_THEN_OPEN];
  const { results } = await check(engine, ports.map((port) => ({ target: `name.test:${port}`, options })));
  assertEquals(results.flat().map(outcome), ["127.0.0.2 refused ECONNREFUSED", "127.0.0.2 timeout"]);
});

engineNamespaceTest(`resolve "all" reports each address`, async (engine) => {
  const options = { resolve: "all", timeout: 400 } as const;
  const targets = [`name.test:${REFUSED_THEN_OPEN}`, `name.test:${SILENT_THEN_OPEN}`, "both.test:80", "four.test:80"];
  const { results } = await check(engine, targets.map((target) => ({ target, options })));
  assertEquals(results.map((ofTarget) => ofTarget.map(outcome).sort()), [
    ["127.0.0.2 refused ECONNREFUSED", "127.0.0.3 up"],
    ["127.0.0.2 timeout", "127.0.0.3 up"],
    ["127.0.0.1 refused ECONNREFUSED", "::1 up"],
    ["127.0.0.1 refused ECONNREFUSED"],
  ]);
});

engineNamespaceTest("family chooses among the addresses of a name", async (engine) => {
  const checks: Input["checks"] = [
    { target: "both.test:80", options: { family: 4 } },
    { target: "both.test:80", options: { family: 6 } },
    { target: "both.test:80", options: { family: 6, resolve: "all" } },
    { target: "four.test:80", options: { family: 6 } },
  ];
  const { results } = await check(engine, checks);
  assertEquals(results.map((ofTarget) => ofTarget.map(outcome).join()), [
    "127.0.0.1 refused ECONNREFUSED",
    "::1 up",
    "::1 up",
    "none unresolved EAI_NONAME",
  ]);
});

engineNamespaceTest("a name and a literal with an IPv4-mapped IPv6 address behave the same", async (engine) => {
  const targets = ["mapped.test:80", "[::ffff:127.0.0.3]:80"];
  const options = [{}, { family: 4 }, { family: 6 }] as const;
  const checks = options.flatMap((options) => targets.map((target) => ({ target, options })));
  const { results } = await check(engine, checks);
  const [up, none] = ["127.0.0.3 up", "none unresolved EAI_ADDRFAMILY"];
  assertEquals(results.flat().map(outcome), [up, up, up, up, none, none]);
});

namespaceTest("an IPv4-mapped IPv6 address has another family than an IPv6 source", async () => {
  const checks = ["mapped.test:80", "[::ffff:127.0.0.3]:80", "both.test:80"].map((target) => ({ target }));
  const input: Input = { checker: { source: "::1" }, open: OPEN, checks };
  const { results } = await runInNamespace<Output>("check.ts", input, { files: FILES });
  const none = "none unresolved EAI_ADDRFAMILY";
  assertEquals(results.flat().map(outcome), [none, none, "::1 up"]);
});

engineNamespaceTest("an unknown name is unresolved", async (engine) => {
  const { results: [[unknown]] } = await check(engine, [{ target: "name.invalid:80" }]);
  assertEquals(outcome(unknown), "none unresolved EAI_NONAME");
  // The default name server, on this host, refuses queries.
  const files = { ...FILES, "/etc/nsswitch.conf": "hosts: files dns\n", "/etc/resolv.conf": "" };
  const { results: [[unanswered]] } = await check(engine, [{ target: "name.invalid:80" }], { files });
  assertEquals(outcome(unanswered), "none unresolved EAI_AGAIN");
});

engineNamespaceTest(
  "a silent name server is a timeout with the phase resolve, and delays no check of an address",
  async (engine, t) => {
    const files = {
      ...FILES,
      "/etc/nsswitch.conf": "hosts: files dns\n",
      // The resolver gives up after a second, so that abandoned lookups release their threads.
      "/etc/resolv.conf": "nameserver 192.0.2.9\noptions timeout:1 attempts:1\n",
    };
    // More names than concurrent lookups, so that some wait; their timeout does not count the wait.
    const lookups = { target: "name.invalid:80", options: { timeout: 300 }, times: 40 };
    // The last check in the queue, with a timeout shorter than the first lookups.
    const literal = { target: "127.0.0.3:80", options: { timeout: 200 } };
    const { results: [timeouts, [up]] } = await check(engine, [lookups, literal], { setup: WIRE, files });
    for (const result of timeouts) {
      assert(result.status === "timeout");
      assertEquals([result.phase, result.address, result.retransmits], ["resolve", undefined, 0]);
      assert(result.duration >= 300);
      assertEquals(result.dnsTime, result.duration);
    }
    assertEquals(timeouts.length, 40);
    assertEquals(outcome(up), "127.0.0.3 up");
    proves(t, "names", `${timeouts.length} lookups without an answer, and ${outcome(up)} within 200 ms of its own`);
  },
);

function check(
  { name }: EngineUnderTest,
  checks: Input["checks"],
  options: NamespaceOptions = {},
  ports: Pick<Input, "open" | "silent"> = {},
  inTurn = false,
) {
  const input: Input = { engine: name, open: OPEN, silent: SILENT, checks, inTurn, ...ports };
  return runInNamespace<Output>("check.ts", input, { files: FILES, ...options });
}

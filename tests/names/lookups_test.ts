/** Lookups: concurrency, sharing, and abandoned lookups. */

import { assert, assertEquals } from "@std/assert";
import type { Input as CancelledInput, Output as CancelledOutput } from "../scripts/cancelled_lookups.ts";
import type { Input as EndInput, Output as EndOutput } from "../scripts/end_while_resolving.ts";
import type { Input as HeldInput, Output as HeldOutput } from "../scripts/held_lookups.ts";
import { proves } from "../support/evidence.ts";
import { countQueries, type Zone } from "../support/name_server.ts";
import { checkNames, only, resolvConf, resolverFiles, SERVER } from "../support/names.ts";
import { namespaceTest, runInNamespace } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";

const ADDRESS = "127.0.0.64";
const OPEN = { hostname: ADDRESS, port: 80 };
/** glibc's longest timeout and most attempts, so that no lookup here ends by them. */
const PATIENT_FILES = resolverFiles(resolvConf([SERVER], "options timeout:30 attempts:5"));
/** `MAX_THREADS` of ffi/src/reactor/resolver.rs, and the share of a single zone (lookup_admission.rs). */
const MAX_THREADS = 128;
const SHARE = MAX_THREADS / 2;
/** The maximum number of checks that share a lookup: `ENTRIES_PER_PASS` of ffi/src/reactor.rs. */
const SHARED = 256;

namespaceTest("a thousand names with a silent name server delay neither addresses nor other zones", async (t) => {
  const address = (i: number) => `127.1.${i >> 8}.${i & 255}`;
  const names = Array.from({ length: 1000 }, (_, i) => `name${i}.test`);
  const held = names.map((name, i) => [name, { A: [address(i)], fault: "held" as const }] as const);
  const zone: Zone = { ...Object.fromEntries(held), "healthy.example": { A: [ADDRESS] } };
  const input: HeldInput = {
    server: { hostname: SERVER, zone },
    open: { hostname: "0.0.0.0", port: 80 },
    names: names.map((name) => `${name}:80`),
    literal: `${ADDRESS}:80`,
    other: "healthy.example:80",
    atOnce: SHARE,
  };
  const output = await runInNamespace<HeldOutput>("held_lookups.ts", input, { files: PATIENT_FILES });
  assertEquals(outcome(output.literal), `${ADDRESS} up`);
  assertEquals(outcome(output.other!), `${ADDRESS} up`);
  assertEquals([output.resultsBefore, output.askedBefore], [0, SHARE]);
  assert(output.resolvers <= MAX_THREADS, `${output.resolvers} threads`);
  assertEquals(output.results.map(outcome), names.map((_, i) => `${address(i)} up`));
  assertEquals(output.asked, names.length);
  proves(
    t,
    "names",
    `${names.length} names of a zone, at most ${output.askedBefore} queried before one of another zone is up: ${output.asked} lookups on ${output.resolvers} threads, each its own address`,
  );
});

namespaceTest("names whose name server dies during the lookup are unresolved", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `name${i}.test`);
  const input: HeldInput = {
    server: { hostname: SERVER, zone: { "*.test": { A: [ADDRESS], fault: "held" } } },
    open: OPEN,
    names: names.map((name) => `${name}:80`),
    literal: `${ADDRESS}:80`,
    atOnce: names.length,
    dies: true,
  };
  const files = resolverFiles(resolvConf([SERVER], "options timeout:1 attempts:2"));
  const { results, resultsBefore, askedBefore } = await runInNamespace<HeldOutput>("held_lookups.ts", input, { files });
  assertEquals(results.map(outcome), names.map(() => "none unresolved EAI_AGAIN"));
  assertEquals([resultsBefore, askedBefore], [0, names.length]);
});

for (const threads of [1, 3]) {
  namespaceTest(
    `concurrent checks of one name share a lookup, and keep their own deadlines, with ${threads} engine threads`,
    async (t) => {
      const zone: Zone = { "name.test": { A: [ADDRESS], delay: 300 }, "other.test": { A: [ADDRESS] } };
      const checks = Array.from({ length: 1000 }, (_, i) => ({
        target: `name.test:${80 + i % 2}`,
        options: { timeout: i < 500 ? 100 : 20_000 },
      }));
      const families = ([4, 6] as const).map((family) => ({
        target: "other.test:80",
        options: { timeout: 20_000, family },
      }));
      const { rounds, queries: [queries] } = await checkNames(zone, {
        threads,
        open: [OPEN],
        rounds: [{ checks: [...checks, ...families] }, { checks: checks.slice(-1) }],
      });
      const [shared, again] = rounds.map(({ results }) => only(results));
      for (const result of shared.slice(0, 500)) {
        assert(result.status === "timeout");
        assertEquals([result.phase, result.dnsTime], ["resolve", result.duration]);
        assert(result.duration >= 100);
      }
      for (const [i, result] of shared.slice(500, 1000).entries()) {
        assertEquals(outcome(result), i % 2 === 0 ? `${ADDRESS} up` : `${ADDRESS} refused ECONNREFUSED`);
        assert(result.dnsTime >= 300 && result.duration >= result.dnsTime, Deno.inspect(result));
      }
      // Another family is another lookup.
      assertEquals(shared.slice(1000).map(outcome), [`${ADDRESS} up`, "none unresolved EAI_NODATA"]);
      assertEquals(again.map(outcome), [`${ADDRESS} refused ECONNREFUSED`]);
      // A later check makes a new lookup.
      const lookups = Math.ceil(checks.length / SHARED) + 1;
      assertEquals(queries, {
        "name.test A": lookups,
        "name.test AAAA": lookups,
        "other.test A": 1,
        "other.test AAAA": 1,
      });
      proves(
        t,
        "once",
        `${checks.length} checks of one name at once: ${lookups - 1} lookups, ${checks.length} results`,
      );
      proves(
        t,
        "deadlines",
        "1,000 checks that shared a lookup of 300 ms: 500 timed out at 100 ms, 500 had their address",
      );
    },
  );
}

namespaceTest("a timeout does not count the wait for a lookup thread", async (t) => {
  const silent = Array.from({ length: 100 }, (_, i) => `silent${i}.test`);
  const zone: Zone = { "*.test": { fault: "silence" }, "healthy.test": { A: [ADDRESS] } };
  const checks = [
    ...silent.map((name) => ({ target: `${name}:80`, options: { timeout: 100 } })),
    // All threads are stuck for longer than this, so its lookup starts late.
    { target: "healthy.test:80", options: { timeout: 2000 } },
  ];
  const files = resolverFiles(resolvConf([SERVER], "options timeout:3 attempts:1"));
  const input = { open: [OPEN], rounds: [{ checks }] };
  const { rounds: [{ results, took }], queries: [queries] } = await checkNames(zone, input, { files });
  const [healthy, ...timeouts] = only(results).reverse();
  assertEquals(outcome(healthy), `${ADDRESS} up`);
  // The wait ends when the first lookup gives up.
  assert(healthy.queueTime !== undefined && healthy.queueTime >= 2900, `${healthy.queueTime} ms`);
  const spent = healthy.duration + healthy.queueTime;
  assert(spent <= took[checks.length - 1], `${spent} of ${took[checks.length - 1]} ms`);
  for (const result of timeouts) {
    assert(result.status === "timeout");
    assertEquals([result.phase, result.dnsTime], ["resolve", result.duration]);
    assert(result.duration >= 100);
  }
  // Each of the late names was really looked up.
  const asked = countQueries(queries, /^silent\d+\.test A$/);
  assertEquals(asked, silent.length);
  proves(
    t,
    "deadlines",
    `${timeouts.length} names timed out, ${asked} of them queried; the last name in the queue is up`,
  );
});

namespaceTest("a cancelled check abandons its lookup, and a stopped checker abandons all lookups", async (t) => {
  const input: CancelledInput = {
    server: { hostname: SERVER, zone: { "*.test": { A: [ADDRESS], fault: "held" } } },
    shared: "shared.test:80",
    cancelled: "cancelled.test:80",
    stopped: "stopped.test:80",
  };
  const output = await runInNamespace<CancelledOutput>("cancelled_lookups.ts", input, { files: PATIENT_FILES });
  assertEquals(output.rejected, [true, true]);
  assertEquals([output.survivor, output.asked], ["refused", 2]);
  assertEquals(output.stopped, "AbortError");
  // The abandoned lookup ended when it was answered.
  assert(output.stuck >= 1);
  assertEquals(output.left, 0);
  proves(t, "nothingLeft", `a checker stopped during a lookup: ${output.stuck} threads then, 0 after its answer`);
});

namespaceTest("a process ends during a lookup", async () => {
  const input: EndInput = {
    server: { hostname: SERVER, zone: { "*.test": { fault: "silence" } } },
    program: `
      const pending = defaultChecker().checkAddr("never.test:80", { timeout: 500 });
      const { status, phase } = await pending;
      console.log(status, phase);
    `,
  };
  const { code, stdout, queries } = await runInNamespace<EndOutput>("end_while_resolving.ts", input, {
    files: PATIENT_FILES,
  });
  assertEquals([code, stdout], [0, "timeout resolve\n"]);
  // A process that waits for the end of the lookup would send five queries.
  assertEquals(queries, { "never.test A": 1, "never.test AAAA": 1 });
});

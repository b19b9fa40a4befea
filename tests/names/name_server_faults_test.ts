/** Results for names whose servers are late, silent, wrong or dead. */

import { assert, assertEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import type { Entry, Fault, Zone } from "../support/name_server.ts";
import { asked, checkNames, only, resolvConf, resolverFiles, SERVER } from "../support/names.ts";
import { namespaceTest } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";

const OTHER_SERVER = "127.0.0.54";
const ADDRESS = "127.0.0.64";
const OPEN = [{ hostname: ADDRESS, port: 80 }];
/** A timeout longer than all attempts of the resolver. */
const PATIENT = { timeout: 20_000 };

namespaceTest("the time of a late answer counts against the timeout of the check", async (t) => {
  const zone: Zone = { "late.test": { A: [ADDRESS], delay: 300 } };
  const checks = [
    { target: "late.test:80", options: PATIENT },
    { target: "late.test:81", options: { timeout: 1200 } },
    // This check ends earlier than the check above would if the lookup did not count against the timeout.
    { target: `${ADDRESS}:81`, options: { timeout: 1490 } },
  ];
  const { rounds: [{ results, order, took }] } = await checkNames(zone, {
    open: OPEN,
    silent: [{ hostname: ADDRESS, port: 81 }],
    rounds: [{ checks }],
  });
  const [up, silent] = only(results);
  assertEquals(outcome(up), `${ADDRESS} up`);
  assert(up.dnsTime >= 300 && up.duration >= up.dnsTime, Deno.inspect(up));
  assert(silent.status === "timeout");
  assertEquals([silent.phase, silent.address?.hostname], ["connect", ADDRESS]);
  assert(silent.dnsTime >= 300 && silent.duration >= 1200, Deno.inspect(silent));
  assertEquals(order, [0, 1, 2]);
  assert(took[1] >= 1200, `${took[1]} ms`);
  proves(t, "deadlines", "300 ms of 1200 for the lookup: timed out before a check with a timeout of 1490 ms");
});

namespaceTest("an answer after the deadline is a timeout, and does not affect later checks", async (t) => {
  const late = Array.from({ length: 16 }, (_, i) => `late${i}.test`);
  const zone: Zone = {
    "*.test": { A: ["127.0.0.65"], delay: 300 },
    "quick.test": { A: [ADDRESS] },
    "slow.test": { A: [ADDRESS], delay: 500 },
  };
  const first = late.map((name) => ({ target: `${name}:80`, options: { timeout: 100 } }));
  // The answers of the first round arrive while it waits for its own.
  const second = ["slow.test:80", "quick.test:80", "late0.test:80"].map((target) => ({ target, options: PATIENT }));
  const { rounds } = await checkNames(zone, { open: OPEN, rounds: [{ checks: first }, { checks: second }] });
  for (const result of only(rounds[0].results)) {
    assert(result.status === "timeout");
    assertEquals([result.phase, result.address, result.retransmits], ["resolve", undefined, 0]);
    assert(result.duration >= 100);
    assertEquals(result.dnsTime, result.duration);
  }
  for (const ms of rounds[0].took) assert(ms >= 100, `${ms} ms`);
  const expected = [`${ADDRESS} up`, `${ADDRESS} up`, "127.0.0.65 refused ECONNREFUSED"];
  assertEquals(only(rounds[1].results).map(outcome), expected);
  proves(
    t,
    "once",
    `${late.length} answers after the deadline, ${late.length} timeouts; the next 3 checks had the right results`,
  );
});

namespaceTest("an error of a name server has getaddrinfo's code", async (t) => {
  const entries: [entry: Entry, code: string][] = [
    [{}, "EAI_NODATA"],
    [{ rcode: "NXDOMAIN" }, "EAI_NONAME"],
    [{ rcode: "SERVFAIL" }, "EAI_AGAIN"],
    [{ rcode: "REFUSED" }, "EAI_AGAIN"],
    [{ rcode: "NOTIMP" }, "EAI_AGAIN"],
    // The resolver discards these answers, so the lookup is never answered.
    [{ A: [ADDRESS], fault: "wrong id" }, "EAI_AGAIN"],
    [{ A: [ADDRESS], fault: "wrong question" }, "EAI_AGAIN"],
    [{ A: [ADDRESS], fault: "no question" }, "EAI_AGAIN"],
    [{ A: [ADDRESS], fault: "silence" }, "EAI_AGAIN"],
    [{ CNAME: "nowhere.invalid" }, "EAI_NONAME"],
    [{ CNAME: "entry10.test" }, "EAI_NONAME"],
    [{ CNAME: "entry9.test" }, "EAI_NONAME"],
  ];
  const zone = Object.fromEntries(entries.map(([entry], i) => [`entry${i}.test`, entry]));
  const checks = entries.map((_, i) => ({ target: `entry${i}.test:80`, options: PATIENT }));
  const { rounds: [{ results }] } = await checkNames(zone, { open: OPEN, rounds: [{ checks }] });
  assertEquals(only(results).map(outcome), entries.map(([, code]) => `none unresolved ${code}`));
  for (const result of only(results)) assertEquals([result.mode, "rtt" in result], ["half-open", false]);
  proves(t, "names", `${entries.length} wrong answers, ${new Set(entries.map(([, code]) => code)).size} codes`);
});

namespaceTest("a name with a malformed answer is unresolved", async (t) => {
  const faults: Fault[] = [
    "one byte",
    "header only",
    "cut short",
    "garbage",
    "the query itself",
    "answer for another name",
  ];
  const zone: Zone = Object.fromEntries(faults.map((fault, i) => [`fault${i}.test`, { A: [ADDRESS], fault }]));
  zone["one-family.test"] = { A: [ADDRESS], AAAA: ["::1"], fault: "garbage", only: "AAAA" };
  const checks = Object.keys(zone).map((name) => ({ target: `${name}:80`, options: PATIENT }));
  const { rounds: [{ results }] } = await checkNames(zone, { open: OPEN, rounds: [{ checks }] });
  const [healthy, ...malformed] = only(results).reverse();
  for (const result of malformed) {
    assert(result.status === "unresolved", Deno.inspect(result));
    // The outcome depends on the version of glibc's parser.
    assert(["EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME"].includes(result.code), result.code);
    assertEquals(result.address, undefined);
  }
  assertEquals(malformed.length, faults.length);
  assertEquals(outcome(healthy), `${ADDRESS} up`);
  proves(t, "names", `${faults.length} malformed answers: each name unresolved`);
});

namespaceTest(
  "a silent name server is a timeout of the check, or unresolved after the resolver's timeout",
  async (t) => {
    const checks = [{ target: "silent.test:80", options: { timeout: 300 } }, {
      target: "silent.test:80",
      options: PATIENT,
    }];
    const zone: Zone = { "silent.test": { fault: "silence" } };
    const { rounds: [{ results, took }], queries: [queries] } = await checkNames(zone, { rounds: [{ checks }] });
    const [timeout, unresolved] = only(results);
    assert(timeout.status === "timeout");
    assertEquals([timeout.phase, timeout.dnsTime], ["resolve", timeout.duration]);
    assert(timeout.duration >= 300 && took[0] >= 300);
    assertEquals(outcome(unresolved), "none unresolved EAI_AGAIN");
    // The resolver measures its second by another clock.
    assert(unresolved.dnsTime >= 990, `${unresolved.dnsTime} ms`);
    assert(unresolved.duration >= unresolved.dnsTime);
    assertEquals(queries, { "silent.test A": 1, "silent.test AAAA": 1 });
    proves(t, "deadlines", "one silent lookup for two checks: a timeout after 300 ms, the resolver's own after 1 s");
  },
);

namespaceTest("a late, empty or failed answer for one family does not affect the other's addresses", async (t) => {
  const addresses = { A: [ADDRESS], AAAA: ["::1"] };
  const zone: Zone = {
    "late6.test": { ...addresses, delay: 200, only: "AAAA" },
    "late4.test": { ...addresses, delay: 200, only: "A" },
    "only4.test": { A: [ADDRESS] },
    "only6.test": { AAAA: ["::1"] },
    "failed6.test": { ...addresses, rcode: "SERVFAIL", only: "AAAA" },
    "failed4.test": { ...addresses, rcode: "SERVFAIL", only: "A" },
    "mapped.test": { AAAA: [`::ffff:${ADDRESS}`] },
  };
  const checks = Object.keys(zone).map((name) => ({ target: `${name}:80`, options: PATIENT }));
  const open = [...OPEN, { hostname: "::1", port: 80 }];
  const { rounds: [{ results }] } = await checkNames(zone, { open, rounds: [{ checks }] });
  const all = only(results);
  for (const late of all.slice(0, 2)) {
    // RFC 6724 decides the order of the two.
    assertEquals(late.status, "up");
    assert(late.dnsTime >= 200, `${late.dnsTime} ms`);
  }
  const expected = [`${ADDRESS} up`, "::1 up", `${ADDRESS} up`, "::1 up", `${ADDRESS} up`];
  assertEquals(all.slice(2).map(outcome), expected);
  proves(t, "names", `${all.length} names with an answer for only one family in time, ${all.length} up`);
});

namespaceTest("a truncated answer is queried again over TCP", async (t) => {
  const truncated: Zone = { "name.test": { A: [ADDRESS], fault: "truncated" } };
  const servers = [{ hostname: SERVER, zone: truncated }, { hostname: OTHER_SERVER, zone: truncated, tcp: false }];
  const checks = [{ target: "name.test:80", options: PATIENT }];
  const { rounds, queries } = await checkNames(servers, {
    open: OPEN,
    rounds: [{ checks }, { checks, resolvConf: resolvConf([OTHER_SERVER]) }],
  });
  const outcomes = rounds.flatMap(({ results }) => only(results)).map(outcome);
  assertEquals(outcomes, [`${ADDRESS} up`, "none unresolved EAI_AGAIN"]);
  assertEquals(asked(queries[0], /TCP$/), { "name.test A TCP": 1, "name.test AAAA TCP": 1 });
  assert(queries[1]["name.test A"] >= 1);
  proves(t, "names", "a truncated answer: 2 queries over TCP, up; without TCP, unresolved");
});

namespaceTest(
  "the second name server is queried if the first is dead, silent or fails, but not after a final answer",
  async (t) => {
    const zone: Zone = { "name.test": { A: [ADDRESS] } };
    const firsts: Entry[] = [{ fault: "silence" }, { rcode: "SERVFAIL" }, { rcode: "REFUSED" }, { rcode: "NXDOMAIN" }];
    const servers = [
      ...firsts.map((entry, i) => ({ hostname: `127.0.1.${i}`, zone: { "name.test": entry } })),
      { hostname: SERVER, zone },
    ];
    const checks = [{ target: "name.test:80", options: PATIENT }];
    const rounds = ["127.0.1.9", ...servers.map(({ hostname }) => hostname)].map((first) => ({
      checks,
      resolvConf: resolvConf([first, SERVER]),
    }));
    const output = await checkNames(servers, { open: OPEN, rounds });
    const outcomes = output.rounds.flatMap(({ results }) => only(results)).map(outcome);
    const up = `${ADDRESS} up`;
    assertEquals(outcomes, [up, up, up, up, "none unresolved EAI_NONAME", up]);
    // Each faulty server was queried, and the correct one unless the first answer was final.
    assertEquals(output.queries.map((queries) => queries["name.test A"]), [1, 1, 1, 1, 5]);
    const [[behindSilence]] = output.rounds[1].results;
    assert(behindSilence.dnsTime >= 990, `${behindSilence.dnsTime} ms`);
    proves(t, "names", "a first name server dead, silent, failing, refusing: 4 of 4 up by the second");
  },
);

namespaceTest("a name server that dies or comes back affects the next check", async (t) => {
  const zone: Zone = { "name.test": { A: [ADDRESS] } };
  const servers = [{ hostname: SERVER, zone }, { hostname: OTHER_SERVER, zone }];
  const checks = [{ target: "name.test:80", options: PATIENT }];
  const { rounds } = await checkNames(servers, {
    open: OPEN,
    rounds: [
      { checks },
      { checks, dead: [SERVER] },
      { checks },
      // resolv.conf names another server.
      { checks, dead: [SERVER], resolvConf: resolvConf([OTHER_SERVER]) },
    ],
  });
  const outcomes = rounds.flatMap(({ results }) => only(results)).map(outcome);
  const up = `${ADDRESS} up`;
  assertEquals(outcomes, [up, "none unresolved EAI_AGAIN", up, up]);
  proves(t, "changes", "a name server died, came back and moved: 4 of 4 verdicts followed");
});

namespaceTest("without a name server names fail at once, and the hosts file works", async () => {
  const files = resolverFiles(resolvConf([SERVER]), `${ADDRESS} name.test`);
  const checks = ["name.test:80", "other.test:80"].map((target) => ({ target, options: PATIENT }));
  const { rounds: [{ results }] } = await checkNames([], { open: OPEN, rounds: [{ checks }] }, { files });
  assertEquals(only(results).map(outcome), [`${ADDRESS} up`, "none unresolved EAI_AGAIN"]);
});

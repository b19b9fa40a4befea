/** Names with correct answers: the queried name, and the order of the probed addresses. */

import { assert, assertEquals } from "@std/assert";
import { engineNamespaceTest } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import type { Zone } from "../support/name_server.ts";
import { asked, checkNames, only, resolvConf, resolverFiles, SERVER } from "../support/names.ts";
import { namespaceTest, WIRE } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";

/** Fifty addresses that share 25 bits with 127.0.0.1, the source address, so that RFC 6724 keeps their order. */
const FIFTY = Array.from({ length: 50 }, (_, i) => `127.0.0.${64 + i}`);
const PATIENT = { timeout: 20_000 };

namespaceTest('a name with fifty addresses is up at the only open one, and resolve: "all" reports each', async (t) => {
  const last = FIFTY[FIFTY.length - 1];
  const silent = FIFTY.filter((_, i) => i % 10 === 0);
  const checks = [
    // Less than 49 times 250 ms, because a refusal causes no delay.
    { target: "fifty.test:80", options: { timeout: 10_000 } },
    { target: "fifty.test:80", options: { timeout: 1200, resolve: "first" } as const },
    { target: "fifty.test:80", options: { timeout: 1200, resolve: "all" } as const },
  ];
  const { rounds: [{ results: [[any], [first], all] }], queries: [queries] } = await checkNames(
    { "fifty.test": { A: FIFTY } },
    {
      open: [{ hostname: last, port: 80 }],
      silent: silent.map((hostname) => ({ hostname, port: 80 })),
      rounds: [{ checks }],
    },
  );
  assertEquals(outcome(any), `${last} up`);
  // Each silent address delays the next by an equal share of the remaining time, at least 10 s / 50.
  assert(any.duration >= 200 * silent.length, `${any.duration} ms`);
  assertEquals(outcome(first), `${FIFTY[0]} timeout`);
  const expected = FIFTY.map((address) => {
    if (address === last) return `${address} up`;
    return silent.includes(address) ? `${address} timeout` : `${address} refused ECONNREFUSED`;
  });
  assertEquals(all.map(outcome).sort(), expected.sort());
  for (const { dnsTime } of all) assertEquals(dnsTime, all[0].dnsTime);
  // That many addresses don't fit into a datagram.
  assert(queries["fifty.test A TCP"] >= 1);
  proves(t, "names", "1 of 50 addresses up: found after 5 silent and 44 refused ones");
  proves(t, "once", `50 addresses: ${all.length} results of "all", one per address`);
});

namespaceTest("the next address is tried at once after an unreachable one", async (t) => {
  // No host has these addresses; neighbour discovery fails soon.
  const unreachable = Array.from({ length: 20 }, (_, i) => `2001:db8::${(16 + i).toString(16)}`);
  const setup = `${WIRE}
    for family in ipv4 ipv6; do
      echo 20 >/proc/sys/net/$family/neigh/veth0/retrans_time_ms
      echo 1 >/proc/sys/net/$family/neigh/veth0/mcast_solicit
    done
  `;
  const zone: Zone = { "name.test": { A: ["192.0.2.1"], AAAA: unreachable } };
  const checks = [
    // Less than 20 times 250 ms.
    { target: "name.test:80", options: { timeout: 4500 } },
    { target: "name.test:80", options: { timeout: 4500, resolve: "first" } as const },
  ];
  const open = [{ hostname: "192.0.2.1", port: 80 }];
  const { rounds: [{ results }] } = await checkNames(zone, { open, rounds: [{ checks }] }, { setup });
  const [any, first] = only(results);
  assertEquals(outcome(any), "192.0.2.1 up");
  assert(first.status === "unreachable");
  assert(unreachable.includes(first.address.hostname));
  proves(t, "names", "20 unreachable addresses before the one that is up: up within less than 20 times 250 ms");
});

namespaceTest(
  "the families are tried in the order of RFC 6724: IPv6 first, but last on a host without IPv6",
  async (t) => {
    const zone: Zone = { "both.test": { A: ["192.0.2.1"], AAAA: ["2001:db8::1", "2001:db8::2"] } };
    const check = async (setup: string) => {
      const checks = (["first", "any"] as const).map((resolve) => ({
        target: "both.test:80",
        options: { ...PATIENT, resolve },
      }));
      const open = [{ hostname: "192.0.2.1", port: 80 }];
      const { rounds: [{ results }] } = await checkNames(zone, { open, rounds: [{ checks }] }, { setup });
      return only(results).map(outcome);
    };
    assertEquals(await check(`${WIRE} ip addr add 2001:db8::2/64 dev veth0 nodad`), [
      "2001:db8::1 refused ECONNREFUSED",
      "192.0.2.1 up",
    ]);
    assertEquals(await check(`${WIRE} ip addr del 2001:db8::1/64 dev veth0`), ["192.0.2.1 up", "192.0.2.1 up"]);
    proves(t, "names", "IPv4 after refused IPv6, and IPv4 on a host without IPv6: up both times");
  },
);

engineNamespaceTest(
  "a name is refused if one address is refused and another can't be probed because it lacks a zone",
  async ({ name: engine }) => {
    const zone: Zone = { "zoneless.test": { A: ["127.0.0.1"], AAAA: ["fe80::1"] } };
    const checks = [{ target: "zoneless.test:80", options: PATIENT }];
    const { rounds: [{ results }] } = await checkNames(zone, { engine, rounds: [{ checks }] });
    assertEquals(only(results).map(outcome), ["127.0.0.1 refused ECONNREFUSED"]);
  },
);

namespaceTest("chains of aliases are followed", async () => {
  const zone: Zone = { "end.test": { A: [FIFTY[0]] } };
  for (let i = 0; i < 8; i++) zone[`alias${i}.test`] = { CNAME: i === 0 ? "end.test" : `alias${i - 1}.test` };
  const checks = [{ target: "alias7.test:80", options: PATIENT }];
  const open = [{ hostname: FIFTY[0], port: 80 }];
  const { rounds: [{ results }] } = await checkNames(zone, { open, rounds: [{ checks }] });
  assertEquals(only(results).map(outcome), [`${FIFTY[0]} up`]);
});

namespaceTest("names are queried by the resolver's configuration, and in ASCII", async () => {
  const longest = `${["a", "b", "c"].map((letter) => letter.repeat(63)).join(".")}.${"d".repeat(61)}`;
  const zone: Zone = Object.fromEntries(
    // The addresses identify the name that was found.
    [
      "xn--bcher-kva.test",
      "short.search.test",
      "dotted.name.search.test",
      longest,
      "under_score.test",
      "hosts.test",
    ].map((name, i) => [name, { A: [FIFTY[i]] }]),
  );
  const expected: [target: string, found: string, asked: string[]][] = [
    ["bücher.test:80", `${FIFTY[0]} up`, ["xn--bcher-kva.test"]],
    ["BÜCHER.test:80", `${FIFTY[0]} up`, ["xn--bcher-kva.test"]],
    // A name without a dot is searched in the domain; a name with a dot only if it is not found unchanged.
    ["short:80", `${FIFTY[1]} up`, ["short.search.test"]],
    ["dotted.name:80", `${FIFTY[2]} up`, ["dotted.name", "dotted.name.search.test"]],
    // A name that ends with a dot is not searched.
    ["absolute.:80", "none unresolved EAI_NONAME", ["absolute"]],
    [`${longest}:80`, `${FIFTY[3]} up`, [longest]],
    [`${longest}.:80`, `${FIFTY[3]} up`, [longest]],
    ["under_score.test:80", `${FIFTY[4]} up`, ["under_score.test"]],
    // The hosts file comes first, with another address.
    ["hosts.test:80", `${FIFTY[9]} up`, []],
  ];
  const files = resolverFiles(`search search.test\n${resolvConf([SERVER])}`, `${FIFTY[9]} hosts.test\n`);
  const { rounds, queries: [queries] } = await checkNames(zone, {
    open: FIFTY.map((hostname) => ({ hostname, port: 80 })),
    rounds: expected.map(([target]) => ({ checks: [{ target, options: PATIENT }] })),
  }, { files });
  assertEquals(
    rounds.map(({ results }) => outcome(only(results)[0])),
    expected.map(([, found]) => found),
  );
  const times: Record<string, number> = {};
  for (const name of expected.flatMap(([, , names]) => names)) {
    for (const type of ["A", "AAAA"]) times[`${name} ${type}`] = (times[`${name} ${type}`] ?? 0) + 1;
  }
  // UDP only: a name this long may also be queried over TCP.
  assertEquals(asked(queries, /A$/), times);
});

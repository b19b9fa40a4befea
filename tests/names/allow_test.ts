/** The `allow` option and names: no SYN to a denied address, by nft's count, and no second lookup. */

import { assert, assertEquals } from "@std/assert";
import type { Input, Output } from "../scripts/check_allowed.ts";
import { engineNamespaceTest, type EngineUnderTest } from "../support/engines.ts";
import { resolverFiles, SERVER } from "../support/names.ts";
import { runInNamespace } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";

const ALLOWED = "127.0.0.3";
const DENIED = "127.0.0.2";

const COUNTERS = `
  nft -f - <<'RULES'
  table inet guard {
    counter allowed { }
    counter denied { }
    counter other { }
    chain leaving {
      type filter hook output priority 300
      meta l4proto != tcp return
      tcp flags & (fin|syn|rst|ack) != syn return
      ip daddr ${ALLOWED} counter name allowed return
      ip daddr ${DENIED} counter name denied return
      counter name other
    }
  }
RULES
`;

const HOSTS = `
  ${DENIED} both.test
  ${ALLOWED} both.test
  127.0.0.4 both.test
  ${ALLOWED} several.test
  ::ffff:${DENIED} mapped.test
`;

engineNamespaceTest("no SYN is sent to a denied address at any position in the list", async (engine) => {
  const targets = ["both.test:80", "both.test:81", "mapped.test:80", "several.test:80"];
  const checks = targets.flatMap((target) => [
    { target },
    { target, options: { resolve: "first" as const } },
    { target, options: { resolve: "all" as const } },
  ]);
  const { results, asked, syns } = await check(engine, { checks });
  const both = [
    "127.0.0.3 refused ECONNREFUSED",
    "127.0.0.2 denied",
    "127.0.0.2 denied, 127.0.0.3 refused ECONNREFUSED, 127.0.0.4 denied",
  ];
  assertEquals(results.map((ofTarget) => ofTarget.map(outcome).sort().join(", ")), [
    ...both,
    ...both,
    ...Array(3).fill("127.0.0.2 denied"),
    ...Array(3).fill("127.0.0.3 refused ECONNREFUSED"),
  ]);
  const each = [DENIED, ALLOWED, "127.0.0.4"];
  assertEquals(asked, [
    ...[each, [DENIED], each, each, [DENIED], each],
    ...Array(3).fill([DENIED]),
    ...Array(3).fill([ALLOWED]),
  ]);
  // One RST for each refused SYN.
  assertEquals(syns, { allowed: 7, denied: 0, other: 0 });
  for (const result of results.flat()) {
    assert(result.dnsTime > 0 && result.duration >= result.dnsTime, Deno.inspect(result));
  }
});

engineNamespaceTest(
  "a name server that changes its answer does not change the probed address (DNS rebinding)",
  async (engine) => {
    const { results, asked, queries, syns } = await check(engine, {
      zone: { "rebind.test": { A: [ALLOWED] } },
      later: { "rebind.test": { A: [DENIED] } },
      checks: [{ target: "rebind.test:80", options: { timeout: 20_000 } }],
    });
    assertEquals(results.flat().map(outcome), [`${ALLOWED} refused ECONNREFUSED`]);
    assertEquals(asked, [[ALLOWED]]);
    assertEquals(Object.values(queries), [1, 1], Deno.inspect(queries));
    assertEquals(syns, { allowed: 1, denied: 0, other: 0 });
  },
);

function check({ name }: EngineUnderTest, input: Pick<Input, "checks"> & Partial<Input>): Promise<Output> {
  const whole: Input = { engine: name, allowed: ALLOWED, server: SERVER, zone: {}, later: {}, ...input };
  const files = resolverFiles(undefined, HOSTS);
  return runInNamespace<Output>("check_allowed.ts", whole, { setup: COUNTERS, files });
}

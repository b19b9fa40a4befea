/** When an agent takes its first share, and what it keeps of a share that goes to another agent, by a held clock. */

import { assert, assertEquals } from "@std/assert";
import { HeldClock } from "../../../monitor/tests/support/held_clock.ts";
import { Assigner } from "../../lib/agent/assigner.ts";
import { Saved } from "../../lib/agent/saved.ts";
import type { Share } from "../../lib/agent/share.ts";
import { openStore } from "../../lib/agent/store.ts";
import { planList } from "../../lib/list/plan.ts";
import { listed } from "../../lib/list/target_line.ts";

const IDS = Array.from({ length: 300 }, (_, i) => `192.0.2.${i}:80`);
const [SELF, OTHER, THIRD] = ["a", "b", "c"].map((name) => ({ name, zone: name }));
/** A list with one witness per target. */
const { digest, manifest, chunks } = await planList(undefined, {
  targets: IDS.map(listed),
  monitor: {},
  vote: { witnesses: 1 },
});
const LIST = { digest, manifest };
const STORE = { chunk: (digest: string) => Promise.resolve(chunks.get(digest)!.data) };

/** An assigner by a held clock, and the ids of each share that it took. */
function start(database = openStore(), voted: ReadonlySet<string> = new Set()) {
  const clock = new HeldClock();
  const shares: string[][] = [];
  const assigner = new Assigner({
    ...{ self: SELF, saved: new Saved(database), settle: 2000, handover: 30_000, clock },
    take: ({ targets }: Share) => {
      shares.push(targets.map((target) => (target as { id: string }).id));
      return Promise.resolve();
    },
    votes: (id) => voted.has(id),
    onMessage: (message) => assert(false, message),
  });
  return { assigner, clock, shares };
}

Deno.test("without a saved share the first one waits until no agent has come or gone for 2 s", async () => {
  const { assigner, clock, shares } = start();
  assigner.setList(LIST, STORE);
  await clock.pass(60_000);
  assertEquals(shares, []);
  assigner.setAgents([SELF]);
  await clock.pass(1999);
  assigner.setAgents([SELF, OTHER]);
  await clock.pass(1999);
  assertEquals(shares, []);
  await clock.pass(1);
  // One share of two, and never the whole list.
  assertEquals(shares.length, 1);
  assert(shares[0].length > 0 && shares[0].length < IDS.length);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("the first share waits for 10 s at most, though agents come and go all the time", async () => {
  const { assigner, clock, shares } = start();
  assigner.setList(LIST, STORE);
  for (let second = 0; second < 10; second++) {
    assigner.setAgents(second % 2 === 0 ? [SELF, OTHER] : [SELF, OTHER, THIRD]);
    assertEquals(shares, []);
    await clock.pass(1000);
  }
  assertEquals(shares.length, 1);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("with a saved share an agent begins at once, with the agents that it knew", async () => {
  const database = openStore();
  const first = start(database);
  first.assigner.setList(LIST, STORE);
  first.assigner.setAgents([SELF, OTHER]);
  await first.clock.pass(2000);
  await first.assigner[Symbol.asyncDispose]();
  const again = start(database);
  await again.clock.pass(0);
  assertEquals(again.shares, first.shares);
  await again.assigner[Symbol.asyncDispose]();
});

Deno.test("of what goes to another agent, an agent keeps for 30 s what it votes on, and nothing else", async () => {
  const voted = new Set(IDS.slice(0, 150));
  const { assigner, clock, shares } = start(openStore(), voted);
  assigner.setList(LIST, STORE);
  assigner.setAgents([SELF]);
  await clock.pass(2000);
  assertEquals(shares.map(({ length }) => length), [IDS.length]);
  assigner.setAgents([SELF, OTHER]);
  await clock.pass(2000);
  await clock.pass(29_999);
  assertEquals(shares.length, 2);
  await clock.pass(1);
  assertEquals(shares.length, 3);
  const [, during, after] = shares.map((ids) => new Set(ids));
  const gone = IDS.filter((id) => !after.has(id));
  assert(gone.some((id) => voted.has(id)) && gone.some((id) => !voted.has(id)));
  assertEquals(gone.filter((id) => during.has(id)), gone.filter((id) => voted.has(id)));
  assertEquals([...after].filter((id) => !during.has(id)), []);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("a share that comes back within the 30 s is not given up", async () => {
  const { assigner, clock, shares } = start(openStore(), new Set(IDS));
  assigner.setList(LIST, STORE);
  for (const agents of [[SELF], [SELF, OTHER], [SELF]]) {
    assigner.setAgents(agents);
    await clock.pass(2000);
  }
  await clock.pass(60_000);
  assertEquals(new Set(shares.map(({ length }) => length)), new Set([IDS.length]));
  await assigner[Symbol.asyncDispose]();
});

/** The first assignment of an agent, and the handover of targets to another agent, by a held clock. */

import { assert, assertEquals } from "@std/assert";
import type { TargetOptions } from "@tcp-shaker/monitor";
import { HeldClock } from "../../../monitor/tests/support/held_clock.ts";
import { Assigner } from "../../lib/agent/assigner.ts";
import { SavedState } from "../../lib/agent/saved_state.ts";
import type { AssignedTargets } from "../../lib/agent/assigned_targets.ts";
import { openStore } from "../../lib/agent/store.ts";
import { Assignment, type Candidate } from "../../lib/assignment/rendezvous.ts";
import { shardOf } from "../../lib/assignment/shards.ts";
import { planList } from "../../lib/list/plan.ts";
import { listed } from "../../lib/list/target_line.ts";

const IDS = Array.from({ length: 300 }, (_, i) => `host-${i}.example:80`);
const [SELF, OTHER, THIRD] = ["a", "b", "c"].map((name) => ({ name, zone: name }));
/** Plans a list with one witness per target. */
async function plan(monitor: TargetOptions, ids = IDS) {
  const { digest, manifest, chunks } = await planList(undefined, {
    targets: ids.map(listed),
    monitor,
    vote: { witnesses: 1 },
  });
  return {
    list: { digest, manifest },
    store: { chunk: (digest: string) => Promise.resolve(chunks.get(digest)!.data) },
  };
}

const { list: LIST, store: STORE } = await plan({});
/** Time in ms of a handover by the default thresholds and interval: 3 checks, each at most 5 % late, and 30 s. */
const HANDOVER = 3 * 2000 * 1.05 + 30_000;

/** An assigner with a held clock, and the ids of each assignment. */
function start(
  database = openStore(),
  voted: ReadonlySet<string> = new Set(),
  onMessage: (message: string) => void = (message) => assert(false, message),
) {
  const clock = new HeldClock();
  const assignments: string[][] = [];
  const assigner = new Assigner({
    self: SELF,
    saved: new SavedState(database),
    settle: 2000,
    handover: 30_000,
    clock,
    take: ({ targets }: AssignedTargets) => {
      assignments.push(targets.map(({ target }) => target.id));
      return Promise.resolve();
    },
    votes: (id) => voted.has(id),
    onMessage,
  });
  /** Advances the clock by steps of a second, and lets the computations of each step end. */
  const pass = async (ms: number) => {
    for (let left = ms; left >= 0; left -= 1000) {
      await clock.pass(Math.min(left, 1000));
      await assigner.settled();
    }
  };
  return { assigner, pass, assignments };
}

Deno.test("without a saved assignment the first one waits until no agent has joined or left for 2 s", async () => {
  const { assigner, pass, assignments } = start();
  assigner.setList(LIST, STORE);
  await pass(60_000);
  assertEquals(assignments, []);
  assigner.setAgents([SELF]);
  await pass(1999);
  assigner.setAgents([SELF, OTHER]);
  await pass(1999);
  assertEquals(assignments, []);
  await pass(1);
  // Half of the list, and never the whole list.
  assertEquals(assignments.length, 1);
  assert(assignments[0].length > 0 && assignments[0].length < IDS.length);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("the first assignment waits for 10 s at most, though agents join and leave all the time", async () => {
  const { assigner, pass, assignments } = start();
  assigner.setList(LIST, STORE);
  for (let second = 0; second < 10; second++) {
    assigner.setAgents(second % 2 === 0 ? [SELF, OTHER] : [SELF, OTHER, THIRD]);
    assertEquals(assignments, []);
    await pass(1000);
  }
  assertEquals(assignments.length, 1);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("with a saved assignment an agent starts at once, with the agents that it knew", async () => {
  const database = openStore();
  const first = start(database);
  first.assigner.setList(LIST, STORE);
  first.assigner.setAgents([SELF, OTHER]);
  await first.pass(2000);
  await first.assigner[Symbol.asyncDispose]();
  const again = start(database);
  await again.pass(0);
  assertEquals(again.assignments, first.assignments);
  await again.assigner[Symbol.asyncDispose]();
});

Deno.test("an agent keeps targets that move to another agent for three checks and 30 s, if it votes on them", async () => {
  const voted = new Set(IDS.slice(0, 150));
  const { assigner, pass, assignments } = start(openStore(), voted);
  assigner.setList(LIST, STORE);
  assigner.setAgents([SELF]);
  await pass(2000);
  assertEquals(assignments.map(({ length }) => length), [IDS.length]);
  assigner.setAgents([SELF, OTHER]);
  await pass(2000);
  await pass(HANDOVER - 1);
  assertEquals(assignments.length, 2);
  await pass(1);
  assertEquals(assignments.length, 3);
  const [, during, after] = assignments.map((ids) => new Set(ids));
  const gone = IDS.filter((id) => !after.has(id));
  assert(gone.some((id) => voted.has(id)) && gone.some((id) => !voted.has(id)));
  assertEquals(gone.filter((id) => during.has(id)), gone.filter((id) => voted.has(id)));
  assertEquals([...after].filter((id) => !during.has(id)), []);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("an agent keeps targets that get their first vote while it reads the list", async () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => `192.0.2.1:${i + 1}`);
  const before = await plan({}, ids);
  const after = await plan({}, [...ids, "192.0.2.2:1"]);
  const voted = new Set<string>();
  const { assigner, pass, assignments } = start(openStore(), voted);
  assigner.setList(before.list, before.store);
  assigner.setAgents([SELF]);
  await pass(2000);
  // Only the last chunk is not saved. The votes come when all others have been read.
  const chunk = (digest: string) => {
    for (const id of ids) voted.add(id);
    return after.store.chunk(digest);
  };
  assigner.setAgents([SELF, OTHER]);
  assigner.setList(after.list, { chunk });
  await pass(0);
  assertEquals(assignments.length, 2);
  assertEquals(new Set(ids).difference(new Set(assignments[1])), new Set());
  await assigner[Symbol.asyncDispose]();
});

Deno.test("a part of a list that can't be read is read again every 5 s, and reported once", async () => {
  const messages: string[] = [];
  const { assigner, pass, assignments } = start(openStore(), new Set(), (message) => messages.push(message));
  let reads = 0;
  const chunk = (digest: string) => ++reads > 3 ? STORE.chunk(digest) : Promise.reject(new Error("It is missing"));
  assigner.setList(LIST, { chunk });
  assigner.setAgents([SELF]);
  await pass(2000);
  await pass(14_000);
  assertEquals([reads, messages, assignments.length], [3, ["Cannot take the target list: It is missing"], 0]);
  await pass(1000);
  assertEquals([reads, messages.length, assignments.length], [4, 1, 1]);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("a handover is longer for targets with a long interval or a high threshold", async () => {
  const { list, store } = await plan({ interval: 60_000, rise: 1, fall: 4 });
  const { assigner, pass, assignments } = start(openStore(), new Set(IDS));
  assigner.setList(list, store);
  for (const agents of [[SELF], [SELF, OTHER]]) {
    assigner.setAgents(agents);
    await pass(2000);
  }
  await pass(4 * 60_000 * 1.05 + 30_000 - 1);
  assertEquals(assignments.map(({ length }) => length), [IDS.length, IDS.length]);
  await pass(1);
  assert(assignments[2].length < IDS.length);
  await assigner[Symbol.asyncDispose]();
});

Deno.test("a handover restarts for targets that move from the other agent to a third one", async () => {
  const { assigner, pass, assignments } = start(openStore(), new Set(IDS));
  assigner.setList(LIST, STORE);
  for (const agents of [[SELF], [SELF, OTHER], [SELF, OTHER, THIRD]]) {
    await pass(20_000);
    assigner.setAgents(agents);
    await pass(2000);
  }
  const witnessOf = (agents: readonly Candidate[]) => {
    const assignment = new Assignment(agents, 1);
    return (id: string) => assignment.witnesses(shardOf(id))[0];
  };
  const [before, after] = [witnessOf([SELF, OTHER]), witnessOf([SELF, OTHER, THIRD])];
  // Targets that moved to b and stayed there are dropped first. Drops are 30 s apart, because each one reads the list.
  await pass(30_000);
  const dropped = IDS.filter((id) => before(id) === "b" && after(id) === "b");
  assertEquals(IDS.filter((id) => !assignments.at(-1)!.includes(id)), dropped);
  await pass(30_000);
  assertEquals(assignments.at(-1), IDS.filter((id) => after(id) === "a").sort());
  await assigner[Symbol.asyncDispose]();
});

Deno.test("targets that move back within the handover are checked throughout", async () => {
  const { assigner, pass, assignments } = start(openStore(), new Set(IDS));
  assigner.setList(LIST, STORE);
  for (const agents of [[SELF], [SELF, OTHER], [SELF]]) {
    assigner.setAgents(agents);
    await pass(2000);
  }
  await pass(60_000);
  assertEquals(new Set(assignments.map(({ length }) => length)), new Set([IDS.length]));
  await assigner[Symbol.asyncDispose]();
});

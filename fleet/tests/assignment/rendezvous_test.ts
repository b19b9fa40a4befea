/** Assignment of shards to agents: its invariants for random fleets, and how many shards move. */

import { assert, assertEquals } from "@std/assert";
import { Assignment, type Candidate } from "../../lib/assignment/rendezvous.ts";
import { shardOf, SHARDS, sliceOf } from "../../lib/assignment/shards.ts";
import { SLICES } from "../../lib/protocol/limits.ts";
import { runAtOnce } from "../../../monitor/lib/time_slices.ts";
import { Random } from "../../../monitor/tests/support/random.ts";
import { scaled } from "../../../tests/support/scale.ts";

const RUNS = scaled(300, 60);
/** Shards that each run examines. */
const LOOKS = 200;

function randomFleet(random: Random): Candidate[] {
  const zones = random.integer(1, 6);
  const names = new Set(Array.from({ length: random.integer(1, 12) }, () => `agent-${random.integer(0, 999)}`));
  return [...names].map((name) => ({ name, zone: `zone-${random.integer(1, zones)}` }));
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  return values.map((value) => [random.share(), value] as const).sort(([a], [b]) => a - b).map(([, value]) => value);
}

function agents(count: number, zoneOf: (i: number) => string): Candidate[] {
  return Array.from({ length: count }, (_, i) => ({ name: `agent-${i}`, zone: zoneOf(i) }));
}

/** The share of all places whose agent differs. */
function moved(before: Assignment, after: Assignment, count: number): number {
  let moved = 0;
  for (let shard = 0; shard < SHARDS; shard++) {
    const had = before.witnesses(shard);
    moved += after.witnesses(shard).filter((name) => !had.includes(name)).length;
  }
  return moved / (SHARDS * count);
}

/** The shards of an agent: one byte per shard. */
function shardsOf(assignment: Assignment, name: string): Uint8Array {
  return runAtOnce(assignment.shardsOf(name));
}

Deno.test("witnesses are distinct, as many as wanted, and of as many zones as there are", () => {
  const random = new Random(1);
  for (let run = 0; run < RUNS; run++) {
    const fleet = randomFleet(random);
    const count = random.integer(1, 5);
    const assignment = new Assignment(fleet, count);
    const zones = new Set(fleet.map(({ zone }) => zone)).size;
    for (let look = 0; look < LOOKS; look++) {
      const witnesses = assignment.witnesses(random.integer(0, SHARDS - 1));
      assertEquals(new Set(witnesses).size, Math.min(count, fleet.length));
      const found = new Set(witnesses.map((name) => fleet.find((agent) => agent.name === name)!.zone));
      assertEquals(found.size, Math.min(count, zones));
    }
  }
});

Deno.test("the order of the agents does not matter, so each computes the same", () => {
  const random = new Random(2);
  for (let run = 0; run < RUNS; run++) {
    const fleet = randomFleet(random);
    const [one, other] = [new Assignment(fleet, 3), new Assignment(shuffled(random, fleet), 3)];
    for (let look = 0; look < LOOKS; look++) {
      const shard = random.integer(0, SHARDS - 1);
      assertEquals(one.witnesses(shard), other.witnesses(shard));
    }
  }
});

Deno.test("an agent that joins replaces at most one witness of a shard", () => {
  const random = new Random(3);
  for (let run = 0; run < RUNS; run++) {
    const fleet = randomFleet(random);
    const [newcomer, ...rest] = shuffled(random, fleet);
    const count = random.integer(1, 5);
    const [before, after] = [new Assignment(rest, count), new Assignment(fleet, count)];
    for (let look = 0; look < LOOKS; look++) {
      const shard = random.integer(0, SHARDS - 1);
      const [had, has] = [before.witnesses(shard), after.witnesses(shard)];
      assertEquals(has.filter((name) => !had.includes(name) && name !== newcomer.name), []);
      const lost = had.filter((name) => !has.includes(name));
      assert(lost.length <= (has.includes(newcomer.name) ? 1 : 0), `${had} -> ${has}`);
    }
  }
});

Deno.test("a sixth agent moves a sixth of the shards, modulo would move five sixths", () => {
  const [before, after] = [5, 6].map((count) => new Assignment(agents(count, (i) => `zone-${i}`), 1));
  const share = moved(before, after, 1);
  assert(share > 0.162 && share < 0.172, `${share}`);
  const byModulo = Array.from({ length: SHARDS }, (_, shard) => shard).filter((shard) => shard % 5 !== shard % 6);
  assert(byModulo.length / SHARDS > 0.8);
});

Deno.test("the same holds for three witnesses in three zones", () => {
  const [before, after] = [15, 18].map((count) => new Assignment(agents(count, (i) => `zone-${i % 3}`), 3));
  const share = moved(before, after, 3);
  assert(share > 0.16 && share < 0.173, `${share}`);
});

Deno.test("agents have about as many shards each, and shard lists agree with the witnesses", () => {
  const fleet = agents(20, (i) => `zone-${i % 4}`);
  const assignment = new Assignment(fleet, 3);
  const counts = new Map(fleet.map(({ name }) => [name, 0]));
  const { name } = fleet[7];
  const shards = shardsOf(assignment, name);
  for (let shard = 0; shard < SHARDS; shard++) {
    const witnesses = assignment.witnesses(shard);
    for (const witness of witnesses) counts.set(witness, counts.get(witness)! + 1);
    assert(witnesses.includes(name) === (shards[shard] === 1), `${shard}`);
  }
  const mean = SHARDS * 3 / 20;
  for (const count of counts.values()) assert(Math.abs(count - mean) < mean * 0.06, `${[...counts]}`);
});

Deno.test("an agent that is not present has no shard, and without agents there is no witness", () => {
  assertEquals(shardsOf(new Assignment(agents(3, () => "z"), 2), "other").indexOf(1), -1);
  assertEquals(new Assignment([], 3).witnesses(0), []);
});

Deno.test("shards and slices of ids do not change between versions", () => {
  assertEquals(["db", "192.0.2.1:443", "é", ""].map(shardOf), [4238, 12_020, 31_415, 31_755]);
  assertEquals([sliceOf(0), sliceOf(255), sliceOf(256), sliceOf(SHARDS - 1)], [0, 0, 1, SLICES - 1]);
});

Deno.test("similar ids are spread evenly over slices", () => {
  const counts = new Uint32Array(SLICES);
  for (let i = 0; i < 100_000; i++) counts[sliceOf(shardOf(`10.${i >> 8}.${i & 255}.1:443`))]++;
  const mean = 100_000 / SLICES;
  // Of a uniform distribution, six standard deviations.
  for (const count of counts) assert(Math.abs(count - mean) < 6 * Math.sqrt(mean), `${count}`);
});

Deno.test("the witnesses of a shard do not change between versions", () => {
  const assignment = new Assignment(agents(9, (i) => `zone-${i % 4}`), 3);
  assertEquals([0, 1, 65_535].map((shard) => assignment.witnesses(shard)), [
    ["agent-7", "agent-2", "agent-8"],
    ["agent-1", "agent-0", "agent-3"],
    ["agent-5", "agent-0", "agent-3"],
  ]);
});

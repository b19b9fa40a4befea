/** The verdict of the fleet against a naive model, with random votes and options. */

import { assertEquals } from "@std/assert";
import { Random } from "../../../monitor/tests/support/random.ts";
import { fleetChanges } from "../../lib/vote/changes.ts";
import { agreementText, type FleetVerdict, judge, resolveVote, type Vote } from "../../lib/vote/verdict.ts";
import type { VoteOptions } from "../../lib/vote_options.ts";

const RUNS = 20_000;

function randomOptions(random: Random): VoteOptions {
  return {
    witnesses: random.integer(1, 7),
    ...random.share() < 0.4 && { agree: random.integer(1, 8) },
    ...random.share() < 0.4 && { quorum: random.integer(1, 5) },
  };
}

function randomVotes(random: Random): Vote[] {
  const downs = random.share();
  return Array.from({ length: random.integer(0, 8) }, (_, i): Vote => ({
    agent: `agent-${i}`,
    zone: `zone-${random.integer(1, 4)}`,
    state: random.share() < downs ? "down" : "up",
  }));
}

/** Naive model of the contract: removes votes one by one, and compares lists. */
function naive(votes: readonly Vote[], options: VoteOptions): FleetVerdict {
  const k = options.witnesses ?? 3;
  let quorum = options.quorum;
  if (quorum === undefined) quorum = k === 1 ? 1 : 2;
  const down: Vote[] = [], up: Vote[] = [];
  for (const vote of votes) (vote.state === "down" ? down : up).push(vote);

  let needed = options.agree;
  if (needed === undefined) {
    needed = 2;
    while (needed <= votes.length - needed) needed++;
  }
  while (needed > votes.length) needed--;

  let state: FleetVerdict["state"] = "up";
  if (down.length >= needed) state = "down";
  if (votes.length < quorum) state = "unknown";
  const verdict: FleetVerdict = {
    state,
    agree: { up: up.length, down: down.length, unknown: 0 }[state],
    present: votes.length,
  };
  if (up.length === 0 || down.length === 0) return verdict;
  const dissenters = state === "down" ? up : down;
  const zones: string[] = [];
  for (const { zone } of dissenters) if (!zones.includes(zone)) zones.push(zone);
  zones.sort();
  return { ...verdict, dissent: { state: state === "down" ? "up" : "down", zones } };
}

Deno.test("the verdict matches a naive model", () => {
  const random = new Random(1);
  const seen = new Map<string, number>();
  for (let run = 0; run < RUNS; run++) {
    const [options, votes] = [randomOptions(random), randomVotes(random)];
    const verdict = judge(votes, resolveVote(options));
    assertEquals(verdict, naive(votes, options), JSON.stringify({ options, votes }));
    const kind = `${verdict.state} ${verdict.dissent !== undefined}`;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  // Every kind of verdict has occurred often.
  assertEquals([...seen.keys()].toSorted(), [
    "down false",
    "down true",
    "unknown false",
    "unknown true",
    "up false",
    "up true",
  ]);
  assertEquals([...seen.values()].every((times) => times > RUNS / 100), true);
});

Deno.test("the order of the votes does not matter", () => {
  const random = new Random(2);
  for (let run = 0; run < RUNS / 10; run++) {
    const [options, votes] = [resolveVote(randomOptions(random)), randomVotes(random)];
    assertEquals(judge(votes.toReversed(), options), judge(votes, options));
  }
});

Deno.test("a witness that leaves never makes a target down, unless the remaining witnesses agree", () => {
  const random = new Random(3);
  for (let run = 0; run < RUNS; run++) {
    const votes = randomVotes(random);
    const options = resolveVote({ witnesses: 3 });
    if (votes.length === 0 || judge(votes, options).state === "down") continue;
    const gone = random.integer(0, votes.length - 1);
    const left = votes.toSpliced(gone, 1);
    if (judge(left, options).state !== "down") continue;
    const downs = left.filter(({ state }) => state === "down").length;
    assertEquals(votes[gone].state, "up");
    assertEquals(downs >= 2 && downs > left.length - downs, true);
  }
});

Deno.test("one more vote for a state never changes the verdict to the opposite", () => {
  const random = new Random(4);
  for (let run = 0; run < RUNS; run++) {
    const votes = randomVotes(random);
    const options = resolveVote(randomOptions(random));
    const before = judge(votes, options).state;
    const after = (state: Vote["state"]) => judge([...votes, { agent: "extra", zone: "zone-1", state }], options).state;
    if (before === "up") assertEquals(after("up"), "up");
    if (before === "down") assertEquals(after("down"), "down");
  }
});

Deno.test("changes lead from each verdict to the next, and equal verdicts have none", () => {
  const random = new Random(5);
  const options = resolveVote({ witnesses: 3 });
  let before = judge([], options);
  for (let run = 0; run < RUNS; run++) {
    const after = judge(randomVotes(random), options);
    const changes = fleetChanges(before, after);
    let { state, dissent } = before;
    for (const change of changes) {
      if (change.type === "transition") {
        assertEquals(change.from, state);
        state = change.to;
        assertEquals([change.agree, change.present], [after.agree, after.present]);
      } else dissent = change.active ? change.dissent : undefined;
    }
    assertEquals({ state, dissent }, { state: after.state, dissent: after.dissent });
    assertEquals(fleetChanges(after, after), []);
    assertEquals(changes.length <= 2, true);
    before = after;
  }
});

Deno.test("agreementText() names how many agree, and the zones of the others", () => {
  const votes = (text: string) =>
    [...text].map((state, i): Vote => ({ agent: `a${i}`, zone: `eu-${i}`, state: state === "d" ? "down" : "up" }));
  const text = (given: string, options: VoteOptions = {}) => agreementText(judge(votes(given), resolveVote(options)));
  assertEquals(text("ddd"), "3 of 3 agree");
  assertEquals(text("uud"), "2 of 3 agree: down from eu-2 only");
  assertEquals(text("ddu"), "2 of 3 agree: up from eu-2 only");
  assertEquals(text("ud"), "1 of 2 agree: down from eu-1 only");
  assertEquals(text("d", { witnesses: 1 }), "one witness");
  assertEquals(text("d"), "one witness");
  assertEquals(text("ud", { quorum: 3 }), "2 witnesses are too few: down from eu-1 only");
  assertEquals(text(""), "no witness");
});

/** Trouble: this host can't run checks. */

import { assert, assertEquals } from "@std/assert";
import { judgeTrouble, NO_TROUBLE, type TroubleChange, type TroubleOptions } from "../lib/trouble.ts";
import { Random } from "./support/random.ts";

const OPTIONS: TroubleOptions = { share: 0.5, minimum: 2, within: 4000 };

/** Judges results that are a second apart. Returns their number, and the number of neutral ones. */
function trouble(seconds: [all: number, neutral: Record<string, number>][], options = OPTIONS) {
  let state = NO_TROUBLE;
  const changes: (TroubleChange & { second: number })[] = [];
  seconds.forEach(([all, neutral], second) => {
    const results = { all, neutral: new Map(Object.entries(neutral)) };
    const judgement = judgeTrouble(Object.freeze(state), results, options, 1000 * (second + 1));
    state = judgement.state;
    if (judgement.change !== undefined) changes.push({ second, ...judgement.change });
  });
  return changes;
}

Deno.test("trouble begins when most results are neutral, says why, and ends when few are", () => {
  const changes = trouble([
    [100, {}],
    [100, { EMFILE: 10 }],
    [100, { EMFILE: 20, ENETUNREACH: 80 }],
    [100, { ENETUNREACH: 100 }],
    [100, { ENETUNREACH: 100 }],
    [100, {}],
    [100, {}],
    [100, {}],
    [100, {}],
  ]);
  assertEquals(changes, [
    { second: 3, type: "trouble", active: true, count: 210, of: 400, reason: "ENETUNREACH" },
    { second: 7, type: "trouble", active: false, count: 100, of: 400, reason: "ENETUNREACH" },
  ]);
});

Deno.test("neither one neutral result nor half of them is trouble", () => {
  assertEquals(trouble([[1, { EAI_AGAIN: 1 }], [1, {}], [2, { EAI_AGAIN: 1 }]]), []);
  assertEquals(trouble([[100, { EAI_AGAIN: 50 }], [100, { EAI_AGAIN: 50 }]]), []);
  assertEquals(trouble([[1, { EAI_AGAIN: 1 }], [1, { EAI_AGAIN: 1 }]]).length, 1);
});

Deno.test("trouble ends when there are no more checks", () => {
  const changes = trouble([[2, { EPERM: 2 }], [0, {}], [0, {}], [0, {}], [0, {}]]);
  assertEquals(changes.map(({ second, active }) => [second, active]), [[0, true], [4, false]]);
});

Deno.test("trouble matches a naive model", () => {
  let begun = 0;
  for (let seed = 0; seed < 500; seed++) {
    const random = new Random(seed);
    const options = {
      share: random.pick([0.2, 0.5, 0.9]),
      minimum: random.integer(1, 20),
      within: random.pick([1000, 9000]),
    };
    const history: { at: number; all: number; neutral: number }[] = [];
    let [state, active, now] = [NO_TROUBLE, false, random.integer(0, 10_000)];
    for (let step = 0; step < 100; step++) {
      now += random.pick([0, 100, 1000, 1000, 5000]);
      const all = random.pick([0, 1, 10, 10]);
      const neutral = Math.round(all * random.pick([0, 0, 0.5, 1, 1]));
      history.push({ at: now, all, neutral });
      const slice = options.within / 16;
      const recent = history.filter(({ at }) => Math.floor(now / slice) - Math.floor(at / slice) < 16);
      const total = recent.reduce((sum, { all }) => sum + all, 0);
      const some = recent.reduce((sum, { neutral }) => sum + neutral, 0);
      const was = active;
      active = was ? some > total * options.share / 2 : some >= options.minimum && some > total * options.share;
      const judgement = judgeTrouble(state, { all, neutral: new Map([["EPERM", neutral]]) }, options, now);
      state = judgement.state;
      const { change } = judgement;
      const seen = change && [change.active, change.count, change.of];
      assertEquals(seen, active === was ? undefined : [active, some, total], `seed ${seed}, step ${step}`);
      if (change?.active) begun++;
    }
  }
  assert(begun > 500, `${begun}`);
});

Deno.test("a window that grows or shrinks starts empty", () => {
  let state = NO_TROUBLE;
  for (const within of [1000, 100_000, 10]) {
    const options = { ...OPTIONS, within };
    state = judgeTrouble(state, { all: 1, neutral: new Map() }, options, 1e6).state;
    const { change } = judgeTrouble(state, { all: 9, neutral: new Map([["EPERM", 9]]) }, options, 1e6);
    assertEquals(change, { type: "trouble", active: true, count: 9, of: 10, reason: "EPERM" });
  }
});

/** Storms: many targets that go down together. */

import { assert, assertEquals } from "@std/assert";
import { judgeStorm, NO_STORM, type StormChange, type StormOptions, type StormState } from "../lib/storm.ts";
import { Random } from "./support/random.ts";

const OPTIONS: StormOptions = { share: 0.3, minimum: 5, within: 4000 };

/** A group whose targets go down and up again. */
class Group {
  readonly #downAt = new Map<number, number>();
  readonly #options: StormOptions;
  readonly #known: number;
  #state: StormState = NO_STORM;

  constructor(options: StormOptions, known: number) {
    this.#options = options;
    this.#known = known;
  }

  down(target: number, now: number): readonly StormChange[] {
    const wasDownAt = this.#downAt.get(target) ?? -Infinity;
    this.#downAt.set(target, now);
    return this.#judge({ to: "down", wasDownAt }, now);
  }

  up(target: number, now: number): readonly StormChange[] {
    return this.#judge({ to: "up", wasDownAt: this.#downAt.get(target) ?? -Infinity }, now);
  }

  tick(now: number): readonly StormChange[] {
    return this.#judge(undefined, now);
  }

  #judge(transition: Parameters<typeof judgeStorm>[1], now: number): readonly StormChange[] {
    const { state, changes } = judgeStorm(Object.freeze(this.#state), transition, this.#known, this.#options, now);
    this.#state = state;
    return changes;
  }
}

/** Naive model of the same, with lists of all transitions. */
class NaiveGroup {
  readonly #options: StormOptions;
  readonly #known: number;
  #downs: { target: number; at: number }[] = [];
  #times: number[] = [];
  #since: number | undefined;

  constructor(options: StormOptions, known: number) {
    this.#options = options;
    this.#known = known;
  }

  transition(to: "down" | "up", target: number, now: number): StormChange[] {
    const changes = this.tick(now);
    this.#times.push(now);
    if (to === "down") this.#downs.push({ target, at: now });
    if (this.#since === undefined && to === "down") {
      const { minimum, share, within } = this.#options;
      const slice = within / 16;
      const isRecent = (at: number) => Math.floor(now / slice) - Math.floor(at / slice) < 16;
      this.#downs = this.#downs.filter(({ at }) => isRecent(at));
      const count = this.#count();
      if (count >= minimum && count >= share * this.#known) {
        this.#since = now;
        changes.push({ type: "storm", active: true, count, of: this.#known, within });
      }
    }
    return changes;
  }

  tick(now: number): StormChange[] {
    const { within } = this.#options;
    if (this.#since === undefined) return [];
    if (now - this.#times.at(-1)! < within && now - this.#since < 5 * within) return [];
    const change = { active: false, count: this.#count(), of: this.#known, within: now - this.#since };
    this.#downs = [];
    this.#since = undefined;
    return [{ type: "storm", ...change }];
  }

  #count(): number {
    return new Set(this.#downs.map(({ target }) => target)).size;
  }
}

Deno.test("storms match a naive model", () => {
  let storms = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const random = new Random(seed);
    const targets = random.integer(1, 40);
    const options = {
      share: random.pick([0.1, 0.3, 1]),
      minimum: random.integer(1, 8),
      within: random.pick([1, 70, 4000]),
    };
    const [group, naive] = [new Group(options, targets), new NaiveGroup(options, targets)];
    let now = random.integer(0, 100_000);
    for (let step = 0; step < 200; step++) {
      now += random.pick([0, 0, 0, 0.01, 0.1, 1]) * random.share() * options.within;
      const target = random.integer(1, targets);
      const act = random.pick(["down", "down", "down", "up", "tick"] as const);
      const changes = act === "tick" ? group.tick(now) : group[act](target, now);
      const expected = act === "tick" ? naive.tick(now) : naive.transition(act, target, now);
      if (changes.length > 0 || expected.length > 0) assertEquals(changes, expected, `seed ${seed}, step ${step}`);
      storms += changes.filter(({ active }) => !active).length;
    }
  }
  assert(storms > 2000, `${storms} storms`);
});

Deno.test("a storm begins with a third of the targets, lists them once, and ends when it is quiet", () => {
  const group = new Group(OPTIONS, 10_000);
  const changes: StormChange[] = [];
  for (let target = 0; target < 9213; target++) changes.push(...group.down(target, 50_000 + target * 0.4));
  const last = 50_000 + 9212 * 0.4;
  assertEquals(group.tick(last + 3999), []);
  changes.push(...group.tick(last + 4000));
  const duration = last + 4000 - (50_000 + 2999 * 0.4);
  assertEquals(changes, [
    { type: "storm", active: true, count: 3000, of: 10_000, within: 4000 },
    { type: "storm", active: false, count: 9213, of: 10_000, within: duration },
  ]);
});

Deno.test("neither four targets nor five in succession are a storm", () => {
  const few = new Group(OPTIONS, 4);
  for (let target = 0; target < 4; target++) assertEquals(few.down(target, 1000), []);
  const slow = new Group(OPTIONS, 5);
  for (let target = 0; target < 100; target++) assertEquals(slow.down(target, 1000 + target * 1000), []);
});

Deno.test("one target that flaps is no storm", () => {
  const group = new Group(OPTIONS, 5);
  for (let now = 1000; now < 20_000; now += 100) {
    assertEquals(group.down(1, now), []);
    assertEquals(group.up(1, now + 50), []);
  }
});

Deno.test("a storm without a quiet window ends after five times its window", () => {
  const group = new Group(OPTIONS, 5);
  const changes: StormChange[] = [];
  for (let target = 0; target < 5; target++) changes.push(...group.down(target, 1000));
  for (let now = 2000; now < 21_000; now += 1000) assertEquals(group.up(1, now), []);
  changes.push(...group.up(1, 21_000));
  assertEquals(changes.map(({ active }) => active), [true, false]);
  assertEquals(changes[1].within, 20_000);
});

/** The timer wheel gives each timer once, when it is due, and nothing else. */

import { assert, assertEquals } from "@std/assert";
import { Timer, Wheel } from "../lib/wheel.ts";
import { Random } from "./support/random.ts";

const byDue = (a: Timer, b: Timer) => a.due - b.due;

Deno.test("a wheel takes what a sorted list takes, whatever is inserted and removed, and however time passes", () => {
  let taken = 0;
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    let now = random.share() * 40_000;
    const wheel = new Wheel<Timer>(now);
    const list = new Set<Timer>();
    for (let step = 0; step < 300; step++) {
      for (let i = random.integer(0, 5); i > 0; i--) {
        const timer = new Timer();
        // Overdue, due soon, due after the wheel has turned, and in the same ms as others.
        timer.due = now + random.pick([-100, 0, random.share(), 10, 1000, 50_000]) * random.pick([1, random.share()]);
        list.add(timer);
        wheel.insert(timer);
      }
      if (random.share() < 0.3 && list.size > 0) {
        const timer = random.pick([...list]);
        list.delete(timer);
        wheel.remove(timer);
      }
      const earliest = Math.min(...[...list].map(({ due }) => due));
      const next = wheel.nextDue();
      assert(next <= earliest, `it would be looked at ${next - earliest} ms too late`);
      if (earliest < Math.floor(now) + 2 ** 14) assertEquals(next, earliest);
      now += random.pick([0, random.share(), 1, 20, 3000, 100_000 * random.share()]);
      const due = [...list].filter((timer) => timer.due <= now).sort(byDue);
      assertEquals(wheel.take(now).sort(byDue).map(({ due }) => due), due.map(({ due }) => due));
      for (const timer of due) list.delete(timer);
      taken += due.length;
    }
  }
  assert(taken > 50_000, `${taken} were taken`);
});

Deno.test("a timer that is in no wheel can be removed", () => {
  const wheel = new Wheel<Timer>(0);
  const [first, second] = [new Timer(), new Timer()];
  wheel.insert(first);
  wheel.remove(second);
  wheel.remove(first);
  wheel.remove(first);
  assertEquals(wheel.take(10), []);
});

Deno.test("a clock that goes back changes nothing", () => {
  const wheel = new Wheel<Timer>(1000);
  const timer = new Timer();
  timer.due = 1500;
  wheel.insert(timer);
  assertEquals(wheel.take(1400), []);
  assertEquals(wheel.take(100), []);
  assertEquals(wheel.nextDue(), 1500);
  assertEquals(wheel.take(1500), [timer]);
});

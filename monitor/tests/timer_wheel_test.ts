/** The timer wheel returns each timer once, when it is due. */

import { assert, assertEquals } from "@std/assert";
import { Timer, TimerWheel } from "../lib/timer_wheel.ts";
import { Random } from "./support/random.ts";
import { scaled } from "../../tests/support/scale.ts";

/** A timer with its due time. */
class Alarm extends Timer {
  constructor(readonly due: number) {
    super();
  }
}

const byDue = (a: Alarm, b: Alarm) => a.due - b.due;

Deno.test("a timer wheel returns the same timers as a sorted list, for random operations and times", () => {
  const seeds = scaled(200, 40);
  let taken = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const random = new Random(seed);
    let now = random.share() * 40_000;
    const wheel = new TimerWheel<Alarm>(now);
    const list = new Set<Alarm>();
    for (let step = 0; step < 300; step++) {
      for (let i = random.integer(0, 5); i > 0; i--) {
        // Overdue, due soon, due after the wheel has turned, and in the same ms as others.
        const delay = random.pick([-100, 0, random.share(), 10, 1000, 50_000]) * random.pick([1, random.share()]);
        const timer = new Alarm(now + delay);
        list.add(timer);
        wheel.insert(timer, timer.due);
      }
      // The first, the last or a middle timer of a bucket.
      for (let i = random.pick([0, 0, 1, 4]); i > 0 && list.size > 0; i--) {
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
      for (const timer of due) {
        assertEquals(wheel.due(timer), timer.due);
        wheel.remove(timer);
        list.delete(timer);
      }
      taken += due.length;
    }
  }
  assert(taken > 250 * seeds, `${taken} were taken`);
});

Deno.test("a timer that is in no wheel can be removed", () => {
  const wheel = new TimerWheel<Alarm>(0);
  const [first, second] = [new Alarm(5), new Alarm(5)];
  wheel.insert(first, 5);
  wheel.remove(second);
  wheel.remove(first);
  wheel.remove(first);
  assertEquals(wheel.take(10), []);
});

Deno.test("a clock that is set back has no effect", () => {
  const wheel = new TimerWheel<Alarm>(1000);
  const timer = new Alarm(1500);
  wheel.insert(timer, 1500);
  assertEquals(wheel.take(1400), []);
  assertEquals(wheel.take(100), []);
  assertEquals(wheel.nextDue(), 1500);
  assertEquals(wheel.take(1500), [timer]);
});

Deno.test("a waiting timer is moved, and a taken timer is inserted again", () => {
  const wheel = new TimerWheel<Alarm>(0);
  const [timer, other] = [new Alarm(5), new Alarm(5)];
  wheel.insert(timer, 5);
  wheel.insert(other, 5);
  wheel.insert(timer, 900);
  assertEquals([wheel.take(500), wheel.nextDue(), wheel.due(timer)], [[other], 900, 900]);
  wheel.insert(other, 800);
  assertEquals([wheel.take(850), wheel.take(900)], [[other], [timer]]);
});

/** Overload: this host can't check as often as it should. */

import { assertEquals } from "@std/assert";
import { judgeOverload, type Load, NO_OVERLOAD } from "../lib/overload.ts";

/** Samples once a second. */
function overload(loads: Load[]) {
  let state = NO_OVERLOAD;
  return loads.flatMap((load, second) => {
    const judgement = judgeOverload(Object.freeze(state), load, second * 1000);
    state = judgement.state;
    return judgement.change === undefined ? [] : [[second, judgement.change.active]];
  });
}

const load = (demand: number, skipped: number): Load => ({ demand, rate: 1000, skipped });

Deno.test("demand above rate is an overload at once, which ends after half a minute without it", () => {
  const loads = [1000, 1001, 900, 1001, ...Array(40).fill(900)].map((demand) => load(demand, 0));
  assertEquals(overload(loads), [[1, true], [33, false]]);
  assertEquals(overload(loads.map((load) => ({ ...load, rate: Infinity }))), []);
});

Deno.test("slots that are skipped continuously are an overload, slots of a pause are not", () => {
  const steadily = [0, 5, 10, 15, 20, ...Array(40).fill(20)];
  assertEquals(overload(steadily.map((skipped) => load(900, skipped))), [[4, true], [34, false]]);
  const pauses = [0, 1e6, 1e6, 2e6, 3e6, 3e6, 4e6, 5e6, 6e6, 6e6];
  assertEquals(overload(pauses.map((skipped) => load(900, skipped))), []);
});

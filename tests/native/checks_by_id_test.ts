import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@4.11.0";
import { ChecksById } from "../../lib/native/checks_by_id.ts";
import type { Pending } from "../../lib/engine.ts";

function check(): Pending {
  const target = "192.0.2.1:1";
  return {
    id: 0,
    target,
    endpoint: { host: "192.0.2.1", port: 1, family: 4 },
    details: false,
    settle() {},
    fail() {},
  };
}

Deno.test("checks are found by their ids, as in a map", () => {
  const step = fc.oneof(
    { weight: 40, arbitrary: fc.constant("add") },
    { weight: 30, arbitrary: fc.nat(1000) },
    { weight: 1, arbitrary: fc.constant("clear") },
  );
  const steps = fc.array(step, { maxLength: 300, size: "max" });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (steps, many) => {
      const checks = new ChecksById();
      const model = new Map<number, Pending>();
      const gone: Pending[] = [];
      const leave = (leaving: Pending) => {
        assertEquals(checks.delete(leaving), true);
        model.delete(leaving.id);
        gone.push(leaving);
      };
      for (const step of steps) {
        if (step === "add") {
          for (let i = 0; i < many; i++) {
            const added = check();
            assertEquals(checks.add(added), added.id);
            assertEquals(model.has(added.id), false);
            model.set(added.id, added);
          }
        } else if (typeof step === "number") {
          const leaving = [...model.values()][step % model.size];
          if (leaving !== undefined) leave(leaving);
        } else {
          const cleared = checks.clear();
          assertEquals(new Set(cleared), new Set(model.values()));
          gone.push(...cleared);
          model.clear();
        }
        assertEquals(checks.size, model.size);
      }
      for (const [id, known] of model) assertEquals(checks.get(id) === known, true);
      for (const former of gone) {
        assertEquals(checks.get(former.id), undefined);
        assertEquals(checks.delete(former), false);
      }
      for (const known of [...model.values()]) leave(known);
      assertEquals(checks.size, 0);
    }),
    { numRuns: 200 },
  );
});

Deno.test("a check that was never added is not found", () => {
  const checks = new ChecksById();
  assertEquals([checks.delete(check()), checks.get(0), checks.size], [false, undefined, 0]);
});

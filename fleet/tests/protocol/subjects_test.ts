import { assertEquals, assertThrows } from "@std/assert";
import { SLICES } from "../../lib/protocol/limits.ts";
import { checkName } from "../../lib/protocol/names.ts";
import { agentKey, hubKey, parseStateKey, reportsKey } from "../../lib/protocol/subjects.ts";

Deno.test("keys of the state are parsed to their parts", () => {
  assertEquals(parseStateKey(agentKey("eu-1_a")), { kind: "agent", name: "eu-1_a" });
  assertEquals(parseStateKey(hubKey("hub")), { kind: "hub", name: "hub" });
  for (let slice = 0; slice < SLICES; slice++) {
    assertEquals(parseStateKey(reportsKey("a", slice)), { kind: "reports", name: "a", slice });
  }
});

Deno.test("other keys are not keys of the state", () => {
  const keys = [
    "agent",
    "agent.",
    "agent.a.00",
    "reports.a",
    "reports.a.0",
    "reports.a.0G",
    "reports.a.000",
    "x.a",
    "agent.a b",
  ];
  for (const key of keys) assertEquals(parseStateKey(key), undefined, key);
});

Deno.test("an invalid name is an error with the name", () => {
  assertEquals(checkName("agent", "a-B_9"), "a-B_9");
  for (const name of ["", "a.b", "*", ">", "a b", "é", "a".repeat(65)]) {
    assertThrows(() => checkName("zone", name), TypeError, "zone's name");
  }
});

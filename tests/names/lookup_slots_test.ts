import { assertEquals } from "@std/assert";
import { LookupSlots, zoneOf } from "../../lib/connect/lookup_slots.ts";

Deno.test("a zone whose lookups are stuck leaves slots to others, and has those that are released", () => {
  const slots = new LookupSlots(16);
  const granted: string[] = [];
  const ask = (zone: string, name: string) => slots.request(zone, () => granted.push(name));
  for (let i = 0; i < 100; i++) ask("silent.test", `silent${i}`);
  assertEquals(granted.length, 8);
  ask("example", "healthy");
  assertEquals(granted.at(-1), "healthy");
  slots.release("example");
  assertEquals(granted.length, 9);
  slots.release("silent.test");
  assertEquals(granted.slice(9), ["silent8"]);
});

Deno.test("a request that was withdrawn is not granted", () => {
  const slots = new LookupSlots(2);
  const granted: number[] = [];
  const grants = [0, 1, 2].map((i) => () => granted.push(i));
  for (const grant of grants) slots.request("test", grant);
  slots.withdraw(grants[1]);
  slots.release("test");
  assertEquals(granted, [0, 2]);
});

Deno.test("a name is in the domain above it", () => {
  const names = ["www.example.com", "example.com", "example.com.", "db", "db.", "LOCALHOST"];
  assertEquals(names.map(zoneOf), ["example.com", "com", "com", "", "", "localhost"]);
});

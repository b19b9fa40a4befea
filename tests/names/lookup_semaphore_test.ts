import { assertEquals } from "@std/assert";
import { zoneOf } from "../../lib/connect/lookup.ts";
import { Semaphore } from "../../lib/connect/semaphore.ts";

Deno.test("a zone with stuck lookups leaves permits to other zones, and reuses its released ones", () => {
  const semaphore = new Semaphore(16);
  const granted: string[] = [];
  const ask = (zone: string, name: string) => semaphore.request(() => granted.push(name), zone);
  for (let i = 0; i < 100; i++) ask("silent.test", `silent${i}`);
  assertEquals(granted.length, 8);
  ask("example", "healthy");
  assertEquals(granted.at(-1), "healthy");
  semaphore.release("example");
  assertEquals(granted.length, 9);
  semaphore.release("silent.test");
  assertEquals(granted.slice(9), ["silent8"]);
});

Deno.test("a withdrawn request is not granted", () => {
  const semaphore = new Semaphore(2);
  const granted: number[] = [];
  const grants = [0, 1, 2].map((i) => () => granted.push(i));
  for (const grant of grants) semaphore.request(grant, "test");
  semaphore.withdraw(grants[1]);
  semaphore.release("test");
  assertEquals(granted, [0, 2]);
});

Deno.test("the zone of a name is its parent domain", () => {
  const names = ["www.example.com", "example.com", "example.com.", "db", "db.", "LOCALHOST"];
  assertEquals(names.map(zoneOf), ["example.com", "com", "com", "", "", "localhost"]);
});

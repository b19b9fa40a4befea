import { assertEquals } from "@std/assert";
import { zoneOf } from "../../lib/connect/lookup.ts";
import { type Request, Semaphore } from "../../lib/connect/semaphore.ts";

Deno.test("a zone with stuck lookups leaves permits to other zones, and reuses its released ones", async () => {
  const semaphore = new Semaphore(16);
  const granted: string[] = [];
  const ask = async (zone: string, name: string) => {
    await semaphore.acquire(permit(zone));
    granted.push(name);
  };
  for (let i = 0; i < 100; i++) ask("silent.test", `silent${i}`);
  await microtasks();
  assertEquals(granted.length, 8);
  await ask("example", "healthy");
  assertEquals(granted.at(-1), "healthy");
  semaphore.release(permit("example"));
  await microtasks();
  assertEquals(granted.length, 9);
  semaphore.release(permit("silent.test"));
  await microtasks();
  assertEquals(granted.slice(9), ["silent8"]);
});

Deno.test("the zone of a name is its parent domain", () => {
  const names = ["www.example.com", "example.com", "example.com.", "db", "db.", "LOCALHOST"];
  assertEquals(names.map(zoneOf), ["example.com", "com", "com", "", "", "localhost"]);
});

function permit(zone: string): Request {
  return { cancelled: new Promise<never>(() => {}), timeout: Infinity, count: 1, zone };
}

/** Waits until the microtasks have run. A semaphore answers in them. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

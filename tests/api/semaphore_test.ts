/** The semaphore of the connect engine. */

import { assertEquals } from "@std/assert";
import { Semaphore } from "../../lib/connect/semaphore.ts";

Deno.test("a semaphore grants permits in FIFO order, but not to cancelled requests", async () => {
  const semaphore = new Semaphore(2);
  const granted: number[] = [];
  const requests = [0, 1, 2, 3, 4].map((i) => {
    const { promise: cancelled, reject: cancel } = Promise.withResolvers<never>();
    const acquired = semaphore.acquire({ ...ONE, cancelled });
    acquired.then((isGranted) => isGranted && granted.push(i), () => {});
    return { acquired, cancel };
  });
  await microtasks();
  assertEquals(granted, [0, 1]);
  const reason = new Error("enough");
  requests[2].cancel(reason);
  assertEquals(await requests[2].acquired.catch((error) => error), reason);
  semaphore.release(ONE);
  await microtasks();
  assertEquals(granted, [0, 1, 3]);
  semaphore.release(ONE);
  await microtasks();
  assertEquals(granted, [0, 1, 3, 4]);
});

Deno.test("a semaphore takes back the permit of a request that is cancelled while it is granted", async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire(ONE);
  const { promise: cancelled, reject: cancel } = Promise.withResolvers<never>();
  const last = semaphore.acquire({ ...ONE, cancelled }).catch(() => "cancelled");
  cancel();
  semaphore.release(ONE);
  assertEquals(await last, "cancelled");
  assertEquals(await semaphore.acquire(ONE), true);
});

Deno.test("in a semaphore no request overtakes a larger one", async () => {
  const semaphore = new Semaphore(4);
  const granted: string[] = [];
  const ask = (name: string, count: number, timeout = Infinity) =>
    semaphore.acquire({ ...ONE, count, timeout }).then((isGranted) => granted.push(isGranted ? name : `not ${name}`));
  ask("first", 2);
  ask("large", 3, 20);
  const small = ask("small", 1);
  await microtasks();
  assertEquals(granted, ["first"]);
  // After the timeout of the large request the small one is granted.
  await small;
  assertEquals(granted.toSorted(), ["first", "not large", "small"]);
  ask("whole", 4);
  semaphore.release({ ...ONE, count: 2 });
  await microtasks();
  assertEquals(granted.length, 3);
  semaphore.release(ONE);
  await microtasks();
  assertEquals(granted.at(-1), "whole");
});

Deno.test("a semaphore grants a limited number of requests per turn of the event loop", async () => {
  const semaphore = new Semaphore(100, 10);
  let granted = 0;
  const all = Promise.all(Array.from({ length: 30 }, async () => {
    if (await semaphore.acquire({ ...ONE })) granted++;
  }));
  await microtasks();
  assertEquals(granted, 10);
  await all;
});

Deno.test("a semaphore backs off to three quarters of its permits, until all are released", async () => {
  const semaphore = new Semaphore(100);
  let taken = 0;
  const fill = async () => {
    // More requests than permits; the rest are cancelled.
    const { promise: cancelled, reject: cancel } = Promise.withResolvers<never>();
    const requests = Array.from({ length: 200 }, () => semaphore.acquire({ ...ONE, cancelled }));
    for (const request of requests) request.then((isGranted) => isGranted && taken++, () => {});
    await microtasks();
    cancel();
    await Promise.allSettled(requests);
    return taken;
  };
  const release = (left: number) => {
    for (; taken > left; taken--) semaphore.release(ONE);
  };
  assertEquals(await fill(), 100);
  // 99 other permits are in use.
  assertEquals(semaphore.backOff(ONE), true);
  release(10);
  assertEquals(await fill(), 74);
  release(0);
  assertEquals(await fill(), 100);
});

Deno.test("backOff() returns false if no other permit is in use", async () => {
  const semaphore = new Semaphore(10);
  const request = { ...ONE, count: 3 };
  await semaphore.acquire(request);
  assertEquals(semaphore.backOff(request), false);
});

/** A request for one permit. */
const ONE = { cancelled: new Promise<never>(() => {}), timeout: Infinity, count: 1 };

/** Waits until the microtasks have run, in which a semaphore grants requests. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

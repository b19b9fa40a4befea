/** Target lists on a real server: applied as a whole or not at all, rolled back, read and verified. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { shardOf, sliceOf } from "../../lib/assignment/shards.ts";
import { applyList, rollBack } from "../../lib/list/apply.ts";
import { collectGarbage } from "../../lib/list/collect_garbage.ts";
import { ListError } from "../../lib/list/list_error.ts";
import { planList, type TargetList } from "../../lib/list/plan.ts";
import type { ListStore } from "../../lib/list/store.ts";
import { listed } from "../../lib/list/target_line.ts";
import { chunkKey, CURRENT_KEY, manifestKey } from "../../lib/protocol/subjects.ts";
import { natsTest } from "../support/nats_server.ts";
import { list, ListFleet } from "../support/listed_fleet.ts";

/** Enough targets for several chunks. */
const MANY = Array.from({ length: 10_000 }, (_, i) => `host-${i}.example`);

natsTest("a list is compared, applied and read; the same list has the same digest", async () => {
  await using fleet = await ListFleet.start();
  const first = await planList(fleet.store, list(MANY));
  assert(first.chunks.size > 1);
  assertEquals([first.before.current, first.difference.added.length, first.difference.removed], [
    undefined,
    MANY.length,
    [],
  ]);
  assertEquals(first.difference.options, []);
  assertEquals(await fleet.apply(list(MANY)), first.digest);
  assertEquals(await fleet.ids(), MANY.map((name) => `${name}:80`).sort());

  const [gone, moved, ...rest] = list(MANY).targets;
  const changed = { ...moved, group: "web" };
  const next = { ...list([]), targets: [changed, ...rest, listed("new.example:80")], monitor: { fall: 5 } };
  const { difference } = await planList(fleet.store, next);
  assertEquals(difference, {
    added: [listed("new.example:80")],
    removed: [gone],
    changed: [{ before: moved, after: changed }],
    options: [{ name: "monitor.fall", before: undefined, after: 5 }],
  });
  await fleet.apply(next);
  assertEquals((await planList(fleet.store, next)).difference, { added: [], removed: [], changed: [], options: [] });
  assertEquals(await fleet.apply(list(MANY.toReversed())), first.digest);
});

natsTest("an apply that is interrupted after any write leaves the old list in force", async () => {
  await using fleet = await ListFleet.start();
  const old = await fleet.apply(list(["old"]));
  const plan = await planList(fleet.store, list(MANY));
  const writes = plan.chunks.size + 1;
  for (let after = 0; after <= writes; after++) {
    let count = 0;
    const store = new Proxy(fleet.store, {
      get: (store, name: keyof ListStore) => {
        const method = store[name].bind(store) as (...args: unknown[]) => unknown;
        if (name !== "put" && name !== "setCurrent") return method;
        return (...args: unknown[]) => count++ < after ? method(...args) : Promise.reject(new Error("cut off"));
      },
    });
    await assertRejects(() => applyList(store, plan, 0), Error, "cut off");
    assertEquals((await fleet.store.current())!.current.digest, old);
    assertEquals(await fleet.ids(), ["old:80"]);
  }
  await applyList(fleet.store, plan, 0);
  assertEquals((await fleet.ids()).length, MANY.length);
});

natsTest("of two concurrent applies one fails with a remedy", async () => {
  await using fleet = await ListFleet.start();
  for (const round of ["first", "later"]) {
    const [one, other] = await Promise.all(["a", "b"].map((id) => planList(fleet.store, list([`${id}-${round}`]))));
    await applyList(fleet.store, one, 1);
    await assertRejects(() => applyList(fleet.store, other, 2), ListError, "run the command again");
    assertEquals((await fleet.store.current())!.current.digest, one.digest);
  }
});

natsTest("rolling back puts an earlier list in force, and back again", async () => {
  await using fleet = await ListFleet.start();
  await assertRejects(() => rollBack(fleet.store, undefined, 0), ListError, "No earlier list");
  const digests: string[] = [];
  for (let i = 0; i < 13; i++) digests.push(await fleet.apply(list([`v${i}`])));
  const kept = (await fleet.store.current())!.current.previous.map(({ digest }) => digest);
  assertEquals(kept, digests.slice(2, 12).reverse());

  assertEquals(await rollBack(fleet.store, undefined, 0), digests[11]);
  assertEquals(await fleet.ids(), ["v11:80"]);
  assertEquals(await rollBack(fleet.store, undefined, 0), digests[12]);
  assertEquals(await rollBack(fleet.store, digests[4].slice(0, 12), 0), digests[4]);
  assertEquals(await fleet.ids(), ["v4:80"]);
  await assertRejects(() => rollBack(fleet.store, digests[0], 0), ListError, "No earlier list");
  await assertRejects(() => rollBack(fleet.store, "", 0), ListError, "more digits");
  const inForce = digests[4].slice(0, 12);
  await assertRejects(() => rollBack(fleet.store, inForce, 0), ListError, `The list ${inForce} is in force already`);
});

natsTest("a list with a missing or damaged part is an error for rollback", async () => {
  await using fleet = await ListFleet.start();
  const digest = await fleet.apply(list(["a"]));
  const [chunk] = (await fleet.store.manifest(digest)).chunks;
  await fleet.apply(list(["b"]));
  await fleet.remove(chunkKey(chunk.digest));
  await assertRejects(() => rollBack(fleet.store, digest, 0), ListError, "is missing");

  await fleet.store.put(chunkKey(chunk.digest), new TextEncoder().encode(`"c:80"\n`));
  await assertRejects(() => rollBack(fleet.store, digest, 0), ListError, "is damaged");
  assertEquals(await fleet.ids(), ["b:80"]);
});

natsTest("an unreadable list in force can be replaced by another list, and by itself", async () => {
  await using fleet = await ListFleet.start();
  const digest = await fleet.apply(list(["a"]));
  const [chunk] = (await fleet.store.manifest(digest)).chunks;
  const damages = [
    () => fleet.store.put(CURRENT_KEY, new TextEncoder().encode("{}")),
    () => fleet.remove(manifestKey(digest)),
    () => fleet.remove(chunkKey(chunk.digest)),
  ];
  for (const damage of damages) {
    for (const ids of [["a", "b"], ["a"]]) {
      await fleet.apply(list(["a"]));
      await damage();
      await assertRejects(() => fleet.ids(), ListError);
      const plan = await planList(fleet.store, list(ids));
      assertEquals(plan.difference.added.map(({ id }) => id), ids.map((id) => `${id}:80`));
      assertMatch(plan.before.problem!, /malformed|missing/);
      await applyList(fleet.store, plan, 0);
      assertEquals(await fleet.ids(), ids.map((id) => `${id}:80`));
      // An earlier damaged list does not prevent the removal of old lists.
      await collectGarbage(fleet.connection);
    }
  }
});

/** Long ids of targets of one slice. */
function oneSlice(count: number): string[] {
  const ids: string[] = [];
  for (let i = 0; ids.length < count; i++) {
    const id = `${i}-${"x".repeat(1000)}`;
    if (sliceOf(shardOf(id)) === 0) ids.push(id);
  }
  return ids;
}

natsTest("an invalid target or vote is rejected before any write", async () => {
  await using fleet = await ListFleet.start();
  const refused: [Partial<TargetList>, string][] = [
    [{ targets: [listed({ target: "a:1", id: "é".repeat(513) })] }, "has 1026 bytes: use at most 1024"],
    [{ targets: oneSlice(500).map((id) => listed({ target: "a:1", id })) }, "The list of 500 targets is too long"],
    [{ vote: { quorum: 4 } }, "quorum is 4, but a target has 3 witnesses: use 1 to 3"],
    [{ vote: { witnesses: 2, agree: 3 } }, "agree is 3, but a target has 2 witnesses: use 1 to 2"],
  ];
  for (const [options, message] of refused) {
    await assertRejects(() => planList(fleet.store, list(["a"], options)), RangeError, message);
  }
  await fleet.apply(list([], { targets: [listed({ target: "a:1", id: "é".repeat(512) })] }));
});

natsTest("garbage collection removes old keys that no stored list has", async () => {
  await using fleet = await ListFleet.start();
  for (let i = 0; i < 14; i++) await fleet.apply(list([`v${i}`, ...i > 10 ? MANY : []]));
  assertEquals(await collectGarbage(fleet.connection), 0);
  const removed = await collectGarbage(fleet.connection, 0);
  // Of v0 to v2: a manifest and a chunk each.
  assertEquals(removed, 6);
  assertEquals(await collectGarbage(fleet.connection, 0), 0);
  for (const { digest } of (await fleet.store.current())!.current.previous) {
    await rollBack(fleet.store, digest, 0);
    assert((await fleet.ids()).length >= 1);
  }
});

/** Target lists on a real server: applied as a whole or not at all, rolled back, read and verified. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../../lib/connect.ts";
import { applyList, rollBack } from "../../lib/list/apply.ts";
import { collectGarbage } from "../../lib/list/collect_garbage.ts";
import { ListError } from "../../lib/list/list_error.ts";
import { planList, type TargetList } from "../../lib/list/plan.ts";
import { readTargets } from "../../lib/list/read.ts";
import { ListStore } from "../../lib/list/store.ts";
import { listed } from "../../lib/list/target_line.ts";
import { watchCurrent } from "../../lib/list/watch_current.ts";
import { bucketStream, chunkKey, CURRENT_KEY, keySubject, LIST_BUCKET } from "../../lib/protocol/subjects.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { NatsServer, natsTest } from "../support/nats_server.ts";
import { reconnected } from "../support/reconnected.ts";

function list(ids: readonly string[], options: Partial<TargetList> = {}): TargetList {
  return { targets: ids.map((id) => listed(`${id}:80`)), monitor: {}, vote: {}, ...options };
}

/** Enough targets for several chunks. */
const MANY = Array.from({ length: 10_000 }, (_, i) => `host-${i}.example`);

/** A server with streams, and a connection. */
class Fleet implements AsyncDisposable {
  readonly server: NatsServer;
  readonly connection: NatsConnection;
  readonly store: ListStore;

  private constructor(server: NatsServer, connection: NatsConnection, store: ListStore) {
    this.server = server;
    this.connection = connection;
    this.store = store;
  }

  static async start(): Promise<Fleet> {
    const server = await NatsServer.start();
    const connection = await connectFleet({ servers: [server.url], name: "test" });
    await setUpFleet(connection);
    return new Fleet(server, connection, await ListStore.open(connection));
  }

  async apply(list: TargetList): Promise<string> {
    const plan = await planList(this.store, list);
    await applyList(this.store, plan, Date.now());
    return plan.digest;
  }

  /** The ids of the list in force, as an agent reads them. */
  async ids(): Promise<string[]> {
    const { current } = (await this.store.current())!;
    const chunks = await Array.fromAsync(readTargets(this.store, await this.store.manifest(current.digest)));
    return chunks.flat().map(({ id }) => id);
  }

  async remove(key: string): Promise<void> {
    const { streams } = await jetstreamManager(this.connection);
    await streams.purge(bucketStream(LIST_BUCKET), { filter: keySubject(LIST_BUCKET, key) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
    await this.server[Symbol.asyncDispose]();
  }
}

natsTest("a list is compared, applied and read; the same list has the same digest", async () => {
  await using fleet = await Fleet.start();
  const first = await planList(fleet.store, list(MANY));
  assert(first.chunks.size > 1);
  assertEquals([first.before, first.difference.added.length, first.difference.removed], [undefined, MANY.length, []]);
  assertEquals(first.difference.options, [{ name: "vote.witnesses", before: undefined, after: 3 }]);
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

natsTest("an apply that is cut off after any write leaves the old list in force, whole", async () => {
  await using fleet = await Fleet.start();
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

natsTest("of two applies at the same time one fails, and says what to do", async () => {
  await using fleet = await Fleet.start();
  for (const round of ["first", "later"]) {
    const [one, other] = await Promise.all(["a", "b"].map((id) => planList(fleet.store, list([`${id}-${round}`]))));
    await applyList(fleet.store, one, 1);
    await assertRejects(() => applyList(fleet.store, other, 2), ListError, "look at the difference again");
    assertEquals((await fleet.store.current())!.current.digest, one.digest);
  }
});

natsTest("rolling back puts an earlier list in force, and back again", async () => {
  await using fleet = await Fleet.start();
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
});

natsTest("a list with a missing or damaged part is an error, and is not rolled back to", async () => {
  await using fleet = await Fleet.start();
  const digest = await fleet.apply(list(["a"]));
  const [chunk] = (await fleet.store.manifest(digest)).chunks;
  await fleet.apply(list(["b"]));
  await fleet.remove(chunkKey(chunk.digest));
  await assertRejects(() => rollBack(fleet.store, digest, 0), ListError, "is missing");

  await fleet.store.put(chunkKey(chunk.digest), new TextEncoder().encode(`"c:80"\n`));
  await rollBack(fleet.store, digest, 0);
  await assertRejects(() => fleet.ids(), ListError, "is damaged");
});

natsTest("garbage is what no kept list has, once it is old", async () => {
  await using fleet = await Fleet.start();
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

natsTest(
  "a watch yields the list in force, each that follows, and one that was applied while it was cut off",
  async () => {
    await using fleet = await Fleet.start();
    await using other = {
      connection: undefined as NatsConnection | undefined,
      async [Symbol.asyncDispose]() {
        await this.connection?.close();
      },
    };
    const agent = other.connection = await connectFleet({ servers: [fleet.server.url], name: "agent" });
    const end = new AbortController();
    const watch = watchCurrent(agent, end.signal);
    const next = async () => (await watch.next()).value!.current.digest;

    const first = watch.next();
    const a = await fleet.apply(list(["a"]));
    assertEquals((await first).value!.current.digest, a);
    const b = await fleet.apply(list(["b"]));
    assertEquals(await next(), b);

    const isBack = [reconnected(agent), reconnected(fleet.connection)];
    await fleet.server.kill();
    await fleet.server.start();
    await Promise.all(isBack);
    const c = await fleet.apply(list(["c"]));
    assertEquals(await next(), c);

    const late = watchCurrent(agent, end.signal);
    const { value } = await late.next();
    assertEquals(value!.current.digest, c);
    // A message that is no change of the key is a hint only.
    await jetstream(fleet.connection).publish(keySubject(LIST_BUCKET, "other"), "x");
    fleet.connection.publish(keySubject(LIST_BUCKET, CURRENT_KEY).replace("$KV", "fleet.out"), "x");
    const last = Promise.all([watch.next(), late.next()]);
    end.abort();
    assertEquals((await last).map(({ done }) => done), [true, true]);
  },
);

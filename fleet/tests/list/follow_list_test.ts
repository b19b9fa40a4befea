/** Followers of the target list. */

import { assertEquals } from "@std/assert";
import { connectFleet } from "../../lib/connect.ts";
import { planList } from "../../lib/list/plan.ts";
import { followList } from "../../lib/list/follow_list.ts";
import { chunkKey, CURRENT_KEY, keySubject, LIST_BUCKET, manifestKey } from "../../lib/protocol/subjects.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { eventually } from "../support/eventually.ts";
import { natsTest } from "../support/nats_server.ts";
import { reconnected } from "../support/reconnected.ts";
import { list, ListFleet } from "../support/listed_fleet.ts";

/** Follows the list on its own connection, and collects the accepted lists and the messages. */
async function follow(fleet: ListFleet) {
  const connection = await connectFleet({ servers: [fleet.server.url], name: "agent" });
  const end = new AbortController();
  const [taken, problems]: [string[], string[]] = [[], []];
  let reads = 0;
  const following = followList(connection, {
    take: async ({ digest, manifest }, store) => {
      await store.verify(manifest);
      taken.push(digest);
    },
    onProblem: ({ message }) => problems.push(message),
    onRead: () => reads++,
  }, end.signal);
  return {
    ...{ connection, taken, problems },
    reads: () => reads,
    async [Symbol.asyncDispose]() {
      end.abort();
      await following;
      await connection.close();
    },
  };
}

natsTest("a follower applies the list in force, each later list, and a list after the server was killed", async () => {
  await using fleet = await ListFleet.start();
  await using early = await follow(fleet);
  await eventually(early.reads, (reads) => reads > 0);
  assertEquals(early.taken, []);
  const digests: string[] = [];
  for (const id of ["a", "b"]) {
    digests.push(await fleet.apply(list([id])));
    await eventually(() => early.taken, ({ length }) => length === digests.length);
  }
  const isBack = [reconnected(early.connection), reconnected(fleet.connection)];
  await fleet.server.kill();
  await fleet.server.start();
  await Promise.all(isBack);
  digests.push(await fleet.apply(list(["c"])));
  await eventually(() => early.taken, ({ length }) => length === digests.length);

  await using late = await follow(fleet);
  await eventually(() => late.taken, ({ length }) => length > 0);
  // A message that does not change the key is only a hint.
  const reads = late.reads();
  fleet.connection.publish(keySubject(LIST_BUCKET, CURRENT_KEY).replace("$KV", "fleet.out"), "x");
  await eventually(late.reads, (now) => now > reads);
  assertEquals([early.taken, late.taken, early.problems, late.problems], [digests, digests.slice(-1), [], []]);
});

natsTest("a follower reports an unreadable list once, and applies it when it is complete", async () => {
  await using fleet = await ListFleet.start();
  await using follower = await follow(fleet);
  const plan = await planList(fleet.store, list(["a"]));
  const [[chunk, { data }]] = plan.chunks;
  await fleet.store.put(manifestKey(plan.digest), encode(plan.manifest));
  await fleet.store.setCurrent({ digest: plan.digest, at: 0, previous: [] }, 0);
  const missing = `The key ${chunkKey(chunk)} is missing`;
  const reads = follower.reads();
  await eventually(follower.reads, (now) => now >= reads + 3);
  assertEquals([follower.taken, follower.problems], [[], [missing]]);
  await fleet.store.put(chunkKey(chunk), data);
  await eventually(() => follower.taken, ({ length }) => length > 0);

  await fleet.store.put(CURRENT_KEY, encode("nonsense"));
  await eventually(() => follower.problems, ({ length }) => length === 2);
  await fleet.apply(list(["b"]));
  await eventually(() => follower.taken, ({ length }) => length === 2);
});

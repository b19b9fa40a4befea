/** Reads of many keys, on a real server. */

import { assertEquals } from "@std/assert";
import { keySubject, STATE_BUCKET } from "../../lib/protocol/subjects.ts";
import { readKeys } from "../../lib/session/direct_get.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

natsTest("thousands of keys are read, each with its last value, and none where there is none", async () => {
  await using fleet = await TestFleet.start();
  const { jetstream, manager } = await fleet.jetstream();
  assertEquals(await readKeys(manager, STATE_BUCKET, "agent.*"), []);
  const keys = Array.from({ length: 2500 }, (_, i) => `agent.a${i}`);
  for (const round of ["old", "new"]) {
    await Promise.all(keys.map((key) => jetstream.publish(keySubject(STATE_BUCKET, key), round)));
  }
  await jetstream.publish(keySubject(STATE_BUCKET, "hub.h"), "other");
  const values = await readKeys(manager, STATE_BUCKET, "agent.*");
  assertEquals(values.map(({ key }) => key).sort(), keys.toSorted());
  const decoder = new TextDecoder();
  assertEquals(values.every(({ data }) => decoder.decode(data) === "new"), true);
});

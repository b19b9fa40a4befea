/** Follower of a stream, on a real server. */

import { assert, assertEquals } from "@std/assert";
import { followStream, type StreamMessage } from "../../lib/hub/follow_stream.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { SLICES } from "../../lib/protocol/limits.ts";
import {
  agentKey,
  bucketStream,
  keySubject,
  MINUTES_STREAM,
  minutesSubject,
  reportsKey,
  STATE_BUCKET,
} from "../../lib/protocol/subjects.ts";
import { pause } from "../../lib/session/pause.ts";
import { FleetState } from "../../lib/vote/fleet_state.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

natsTest("a follower continues from a sequence, and reads a recreated stream from its start", async () => {
  await using fleet = await TestFleet.start();
  const connection = await fleet.connect();
  const { jetstream } = await fleet.jetstream();
  const send = (text: string) => jetstream.publish(minutesSubject("a"), text);
  await send("1");
  await send("2");
  const abort = new AbortController();
  const follow = (from: number) => {
    const taken: string[] = [];
    const ready = Promise.withResolvers<void>();
    const take = ({ data, sequence }: StreamMessage) =>
      void taken.push(`${sequence} ${new TextDecoder().decode(data)}`);
    const options = { stream: MINUTES_STREAM, from, take, caughtUp: ready.resolve };
    return { taken, ready: ready.promise, ended: followStream(connection, options, abort.signal) };
  };
  // A recreated stream has lower sequences than before.
  const [within, next, beyond] = [follow(2), follow(3), follow(1000)];
  await Promise.all([within.ready, next.ready, beyond.ready]);
  await send("3");
  const last = () => [within, next, beyond].map(({ taken }) => taken.at(-1));
  await eventually(last, (last) => last.every((text) => text === "3 3"));
  assertEquals([within.taken, next.taken, beyond.taken], [["2 2", "3 3"], ["3 3"], ["1 1", "2 2", "3 3"]]);
  abort.abort();
  await Promise.all([within.ended, next.ended, beyond.ended]);
});

natsTest("a follower waits for the promise of a message before the next one", async () => {
  await using fleet = await TestFleet.start();
  const connection = await fleet.connect();
  const { jetstream } = await fleet.jetstream();
  for (const text of ["1", "2", "3"]) await jetstream.publish(minutesSubject("a"), text);
  const abort = new AbortController();
  const follow = (take: (message: StreamMessage) => void | Promise<void>) =>
    followStream(connection, { stream: MINUTES_STREAM, from: 1, take }, abort.signal);
  const held = Promise.withResolvers<void>();
  const [slow, fast]: number[][] = [[], []];
  const slowEnded = follow(({ sequence }) => (slow.push(sequence), held.promise));
  await eventually(() => slow.length, (length) => length > 0);
  const fastEnded = follow(({ sequence }) => void fast.push(sequence));
  await eventually(() => fast.length, (length) => length === 3);
  assertEquals(slow, [1]);
  held.resolve();
  await eventually(() => slow.length, (length) => length === 3);
  abort.abort();
  await Promise.all([slowEnded, fastEnded]);
});

natsTest("for a follower that falls behind by more than a lease no agent becomes absent", async () => {
  await using fleet = await TestFleet.start();
  const { jetstream } = await fleet.jetstream();
  const duration = 1000;
  const boot = "0123456789abcdef";
  const put = (key: string, value: unknown) => jetstream.publish(keySubject(STATE_BUCKET, key), encode(value));
  const renew = () =>
    put(agentKey("a"), { zone: "z", boot, epoch: 1, lease: duration, version: "0", list: null, targets: 0 });
  const state = new FleetState();
  const held = Promise.withResolvers<void>();
  const abort = new AbortController();
  /** Whether the agent is present, after each message. */
  const present: boolean[] = [];
  let [renewed, longest] = [Infinity, 0];
  const ended = followStream(await fleet.connect(), {
    stream: bucketStream(STATE_BUCKET),
    from: "last",
    take: async ({ subject, data, time, pending }) => {
      const key = subject.slice(keySubject(STATE_BUCKET, "").length);
      state.apply({ key, data, time, pending });
      present.push(state.agents.has("a"));
      longest = Math.max(longest, time - renewed);
      if (key === agentKey("a")) renewed = time;
      await held.promise;
    },
  }, abort.signal);
  await renew();
  await eventually(() => present.length, (length) => length === 1);
  // The server stops sending when the follower has 100 unread messages.
  for (let slice = 0; slice < SLICES; slice++) {
    await renew();
    await put(reportsKey("b", slice), { boot, epoch: 1, reports: [] });
    if (slice > SLICES / 2) await pause(3 * duration / SLICES, abort.signal);
  }
  await renew();
  held.resolve();
  await eventually(() => present.length, (length) => length > SLICES);
  assert(longest > duration, `${longest} ms between two renewals that the follower has read`);
  assertEquals(present.filter((isPresent) => !isPresent).length, 0);
  abort.abort();
  await ended;
});

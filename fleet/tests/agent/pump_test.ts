/** The pump of the outbox, on a real server. */

import { assertEquals } from "@std/assert";
import { Outbox } from "../../lib/agent/outbox.ts";
import { publishOutbox } from "../../lib/agent/publish_outbox.ts";
import { openStore } from "../../lib/agent/store.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { MINUTES_STREAM, minutesSubject } from "../../lib/protocol/subjects.ts";
import { newBootId } from "../../lib/session/boot_id.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

natsTest("a message that is sent again, because its acknowledgment was lost, is stored once", async () => {
  await using fleet = await TestFleet.start();
  const { jetstream, manager } = await fleet.jetstream();
  using database = openStore();
  const outbox = new Outbox(database);
  const boot = newBootId();
  const batch = (sequence: number) => {
    const body = encode({ boot, sequence, dropped: 0, minute: 0, rows: [] });
    return { kind: "minutes", subject: minutesSubject("a"), count: 1, body } as const;
  };
  const pump = () => publishOutbox(outbox, jetstream, new AbortController().signal, () => {}, true);
  outbox.append([batch(1), batch(2)]);
  await pump();
  // As after a restart of an agent that did not receive the acknowledgment of the second message.
  outbox.append([batch(2), batch(3)]);
  await pump();
  const { state } = await manager.streams.info(MINUTES_STREAM);
  assertEquals([outbox.length, state.messages], [0, 3]);
});

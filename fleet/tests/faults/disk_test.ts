/** A server whose disk is full. */

import { assert, assertEquals } from "@std/assert";
import { jetstream } from "@nats-io/jetstream";
import { namespaceTest } from "../../../tests/support/namespace.ts";
import { eventsSubject } from "../../lib/protocol/subjects.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { openConfig, whyNoServer } from "../support/nats_server.ts";
import { readOnce, RecordedEvents } from "../support/recorded_events.ts";
import { SmallDisk } from "../support/small_disk.ts";

const TARGETS = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:80`);

/** Publishes until the server stores no more messages. */
async function fill(fleet: TestFleet): Promise<void> {
  const client = jetstream(await fleet.connect());
  const ballast = () => client.publish(eventsSubject("ballast"), new Uint8Array(60_000), { timeout: 500 });
  while (await ballast().then(() => true, () => false));
}

if (whyNoServer === undefined) {
  namespaceTest(
    "no event is lost when the server's disk is full: events wait in the outbox",
    async () => {
      await using disk = await SmallDisk.make(8);
      // Without an explicit limit the server derives one from the free space, and would refuse the streams.
      const config = (place: Parameters<typeof openConfig>[0]) =>
        openConfig(place, disk.folder).replace("store_dir", "max_file_store: 100G, store_dir");
      await using fleet = await TestFleet.start({ wrapper: disk.wrapper, config });
      await fleet.apply(TARGETS, { witnesses: 1 });
      const { agent, prober } = await fleet.agent("a");
      await eventually(() => agent.monitor.size, (size) => size === TARGETS.length);
      const recorded = new RecordedEvents(agent, prober, TARGETS);
      await eventually(() => recorded.sequences.length, (length) => length > 20);
      await fill(fleet);
      const { length } = recorded.sequences;
      await eventually(() => recorded.sequences.length, (now) => now > length + 40);
      await eventually(() => agent.status.waiting, (waiting) => waiting > 3);
      await disk.grow(64);
      // After a write failure the server writes to a stream only after a restart.
      await fleet.server.kill();
      await fleet.server.start();
      await eventually(() => agent.status, ({ isPresent, waiting }) => isPresent && waiting < 3);
      recorded[Symbol.dispose]();
      const stored = await eventually(
        async () => readOnce(await fleet.events("a")),
        (stored) => stored.at(-1) === recorded.sequences.at(-1),
      );
      assertEquals(stored.slice(stored.indexOf(recorded.sequences[0])), recorded.sequences);
      assert(agent.status.droppedEvents === 0);
    },
  );
}

/** A hub that is killed, with a history, on a real server. */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals } from "@std/assert";
import { encode } from "../../lib/protocol/codec.ts";
import { minutesSubject } from "../../lib/protocol/subjects.ts";
import { newBootId } from "../../lib/session/boot_id.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { HubProcess } from "../support/hub_process.ts";
import { natsTest } from "../support/nats_server.ts";

const [PROBE, TARGET] = ["192.0.2.1:80", "192.0.2.2:80"];
const KILLS = 6;

/** A number in a database; 0 if there is none. */
function query(file: string, sql: string, ...values: string[]): number {
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    return Number(database.prepare(sql).get(...values)!.number ?? 0);
  } catch {
    // The file or its table does not exist yet.
    return 0;
  }
}

/** The number of a target's stored checks that passed. */
function stored(file: string, id: string): number {
  return query(file, "SELECT sum(pass) AS number FROM minutes JOIN targets USING (key) WHERE id = ?", id);
}

/** Returns a function that sends a minute with one passed check, and returns the number of minutes so far. */
async function minuteSender(fleet: TestFleet): Promise<(id: string) => Promise<number>> {
  const { jetstream } = await fleet.jetstream();
  const boot = newBootId();
  let sequence = 0;
  return async (id) => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const batch = { boot, sequence: ++sequence, dropped: 0, minute, rows: [[id, 1, 0, 0, 1, 2, 3]] };
    await jetstream.publish(minutesSubject("a"), encode(batch));
    return sequence;
  };
}

natsTest("a hub that is killed six times stores each of the agents' results once", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply([PROBE, TARGET]);
  const send = await minuteSender(fleet);
  const file = `${fleet.server.folder}/hub.db`;
  const options = { nats: { servers: [fleet.server.url], name: "h" }, name: "h", database: file, lease: 1000 };
  let hub = new HubProcess(options);
  // Minutes that were sent before the first start of a hub are not in its history.
  let probes = 0;
  await eventually(async () => (probes = await send(PROBE), stored(file, PROBE)), (passes) => passes > 0);
  let sent = 0;
  let isSending = true;
  const sending = (async () => {
    while (isSending) sent = await send(TARGET) - probes;
  })();
  for (let kills = 0; kills < KILLS; kills++) {
    const before = stored(file, TARGET);
    await eventually(() => stored(file, TARGET), (passes) => passes > before);
    await hub.kill();
    hub = new HubProcess(options);
  }
  isSending = false;
  await sending;
  await eventually(() => stored(file, TARGET), (passes) => passes >= sent);
  await hub.kill("SIGTERM");
  assertEquals(stored(file, TARGET), sent);
  assert(sent > KILLS);
});

natsTest("a hub that ended before the first minute stores the minutes until its next start", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply([TARGET]);
  const send = await minuteSender(fleet);
  // This minute is not in the history of a hub that starts later.
  await send(TARGET);
  const file = `${fleet.server.folder}/hub.db`;
  const { hub } = await fleet.hub("one", { database: file });
  await eventually(() => query(file, "SELECT max(position) AS number FROM runs"), (position) => position === 1);
  await hub[Symbol.asyncDispose]();
  await send(TARGET);
  await fleet.hub("one", { database: file });
  await eventually(() => stored(file, TARGET), (passes) => passes > 0);
  await send(TARGET);
  await eventually(() => stored(file, TARGET), (passes) => passes >= 2);
  assertEquals(stored(file, TARGET), 2);
});

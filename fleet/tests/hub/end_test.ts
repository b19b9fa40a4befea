/** End of a hub while it starts, on a real server. */

import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

natsTest("a hub can be ended at any moment of its start", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(["192.0.2.1:80"]);
  for (let turns = 0; turns < 60; turns++) {
    const { hub } = await fleet.hub("one");
    await hub.ready;
    // Each turn of the event loop lets the start process one answer of the server.
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setTimeout(resolve));
    await hub[Symbol.asyncDispose]();
  }
});

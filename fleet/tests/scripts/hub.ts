/** Runs a hub: `hub.ts OPTIONS`. */

import { Hub, type HubOptions } from "../../lib/hub/mod.ts";

const hub = await Hub.start({ ...JSON.parse(Deno.args[0]) as HubOptions, onMessage: console.error });
Deno.addSignalListener("SIGTERM", async () => {
  await hub[Symbol.asyncDispose]();
  Deno.exit(0);
});

/** The pages while the history can't be read, in a browser. */

import { assertEquals } from "@std/assert";
import { closedPort } from "../../../tests/support/listener.ts";
import { startServer } from "../../lib/serve/mod.ts";
import { AgentFile } from "../support/agent_file.ts";
import { closeBrowser, Tab, testInBrowser } from "../support/browser.ts";

testInBrowser("pages without a history are rendered without an error", async () => {
  await using file = new AgentFile(`targets: [{ target: "${closedPort()}", id: db, interval: 50ms, timeout: 50ms }]`);
  const database = `${file.folder}/history.db`;
  await Deno.writeTextFile(database, "This is no database, and long enough to be read as one. ".repeat(100));
  await using agent = await file.start({ database, listen: "127.0.0.1:0", startServer });
  await using tab = await Tab.open();
  for (const path of ["/", "/targets/db"]) {
    await tab.page.goto(`http://127.0.0.1:${agent.address!.port}${path}`);
    await tab.live();
  }
  assertEquals(tab.problems, []);
});

Deno.test({ name: "Chromium ends", fn: closeBrowser, sanitizeOps: false, sanitizeResources: false });

/** Writes the screenshots of monitor/docs/ by Chromium, from sample data: `deno task screenshots`. */

import { startServer } from "../lib/serve/mod.ts";
import { closeBrowser, Tab } from "../tests/support/browser.ts";
import { sampleAgent } from "./screenshots/sample.ts";

const DOCS = decodeURIComponent(new URL("../docs/", import.meta.url).pathname);
const folder = Deno.args[0] ?? DOCS;
const TARGET = encodeURIComponent("postgres-4.db.example:5432");

await using server = await startServer(sampleAgent(Date.now()));
const url = `http://127.0.0.1:${server.address.port}`;
for (const colorScheme of ["light", "dark"] as const) {
  for (const [name, path] of [["page", "/"], ["target", `/targets/${TARGET}`]]) {
    await using tab = await Tab.open({ colorScheme, viewport: { width: 1240, height: 860 } });
    await tab.page.goto(url + path);
    await tab.live();
    if (name === "target") await tab.page.waitForSelector("#plot canvas");
    await tab.page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: Deno.args.length > 0 });
    for (const problem of tab.problems) console.error(`${name}: ${problem}`);
  }
}
await closeBrowser();

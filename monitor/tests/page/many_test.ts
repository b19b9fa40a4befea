/** The page of 10,000 targets: its size, its pages, its heat map, a transition. */

import { assert, assertEquals } from "@std/assert";
import { startServer } from "../../lib/serve/mod.ts";
import { closeBrowser, Tab, testInBrowser } from "../support/browser.ts";
import { StateView } from "../support/state_view.ts";

const TARGETS = 10_000;
const DOWN = 200;
/** The limit of the page's transferred bytes. */
const MAX_BYTES = 60_000;

async function serveMany(view: StateView) {
  for (let i = 0; i < TARGETS; i++) {
    const state = i % (TARGETS / DOWN) === 7 ? "down" : "up";
    view.states.set(nameOf(i), { state, group: i < TARGETS / 2 ? "first" : `rest-${i % 10}` });
  }
  return await startServer(view.agent());
}

function nameOf(i: number): string {
  return `host-${i}.example:443`;
}

testInBrowser(
  "a page of 10,000 targets is small, lists targets that are down first, and has all targets in the heat map",
  async () => {
    const view = new StateView();
    await using server = await serveMany(view);
    const url = `http://127.0.0.1:${server.address.port}`;
    await using tab = await Tab.open();
    const { page } = tab;
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    let bytes = 0;
    const documents = new Set<string>();
    session.on("Network.requestWillBeSent", ({ type, requestId }) => type === "Document" && documents.add(requestId));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (documents.has(requestId)) bytes += encodedDataLength;
    });
    await page.goto(url);
    await tab.live();
    assert(bytes > 5000 && bytes <= MAX_BYTES, `${bytes} bytes`);
    assertEquals(await page.textContent("#headline"), "200 of 10,000 targets are down");
    assertEquals(await page.locator("#targets tbody tr.down").count(), 25);
    await page.click(".pager a:has-text('Last')");
    await page.waitForURL(`${url}/?page=400#targets`);
    assertEquals(await page.locator("#targets tbody tr.up").count(), 25);

    // A target without a row changes its state: its cell and the list of events show it.
    await page.goto(url);
    await tab.live();
    view.publish(view.states.transition(nameOf(4321), "down", { group: "first" }));
    const cell = page.locator(`svg.heat[data-group=first] [data-cell]`);
    await cell.waitFor();
    await page.waitForFunction(() =>
      document.getElementById("headline")!.textContent === "201 of 10,000 targets are down"
    );
    assertEquals(await page.locator(".events li:first-child a").textContent(), nameOf(4321));
    // The page is fetched again, and a click on a cell that is up opens the page of its target.
    await cell.waitFor({ state: "detached" });
    const map = page.locator("svg.heat[data-group=first]");
    const { width } = (await map.boundingBox())!;
    const side = width / Number(await map.getAttribute("data-columns"));
    await map.click({ position: { x: side * 5.5, y: side * 0.5 } });
    await page.waitForURL(`${url}/targets/${encodeURIComponent(nameOf(5))}`);
    assertEquals(tab.problems, []);
  },
);

testInBrowser("the page is reloaded after thousands of transitions at once", async () => {
  const view = new StateView();
  await using server = await serveMany(view);
  await using tab = await Tab.open();
  const { page } = tab;
  await page.goto(`http://127.0.0.1:${server.address.port}`);
  await tab.live();
  await page.evaluate(() => {
    const list = document.getElementById("targets")!;
    const count = () => {
      const rows = list.querySelectorAll("tbody tr").length;
      document.body.dataset.mostRows = String(Math.max(rows, Number(document.body.dataset.mostRows ?? 0)));
    };
    new MutationObserver(count).observe(list, { childList: true, subtree: true });
  });
  for (let i = 0; i < TARGETS; i++) view.publish(view.states.transition(nameOf(i), "down", { group: "storm" }));
  view.publish(view.states.storm(true));
  await page.waitForFunction(() =>
    document.getElementById("headline")!.textContent === "10,000 of 10,000 targets are down"
  );
  await page.waitForSelector(".notices:has-text('Storm')");
  assertEquals(await page.locator(".events li").count(), 30);
  assertEquals(await page.getAttribute("body", "data-most-rows"), "25");
  assertEquals(tab.problems, []);
});

Deno.test({ name: "Chromium ends", fn: closeBrowser, sanitizeOps: false, sanitizeResources: false });

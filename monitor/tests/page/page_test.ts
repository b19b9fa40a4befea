/** The page in Chromium: live, search, keyboard, without JavaScript, dark, narrow, accessible. */

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import axe from "npm:axe-core@4.14.1/axe.min.js" with { type: "text" };
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { closeBrowser, Tab, testInBrowser } from "../support/browser.ts";
import { ServedAgent } from "../support/served_agent.ts";

const LONG = "a-very-long-name.of-a-host.in-a-deep-hierarchy.of-names.that-does-not-fit-anywhere.example:65535";
const CSS_HOSTILE = `<b>"quoted" & 'odd'\\</b>`;

/** Ports of loopback: some are open. */
class Ports implements Disposable {
  readonly #listeners: Deno.Listener[] = [];

  open(port = 0): number {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#listeners.push(listener);
    return (listener.addr as Deno.NetAddr).port;
  }

  close(port: number): void {
    this.#listeners.find(({ addr }) => (addr as Deno.NetAddr).port === port)!.close();
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) {
      try {
        listener.close();
      } catch {
        // Already closed.
      }
    }
  }
}

async function serve(port: number): Promise<ServedAgent> {
  const served = await ServedAgent.start(JSON.stringify({
    monitor: { interval: "50ms", timeout: "40ms", rise: 1, fall: 2 },
    targets: [
      { target: `127.0.0.1:${port}`, id: "web", group: "front", labels: { team: "blue" } },
      { target: `127.0.0.1:${port}`, id: "api", group: "front" },
      { target: `127.0.0.1:${port}`, id: LONG, group: "back" },
      { target: `127.0.0.1:${port}`, id: CSS_HOSTILE },
      { target: "[::1]:1", id: "[2001:db8::1]:6379", group: "back" },
    ],
  }));
  await served.file.until(() => [...served.agent.monitor.states()].every(({ state }) => state !== "unknown"));
  return served;
}

testInBrowser("a target goes down, and comes up again, without a reload of the page", async () => {
  using ports = new Ports();
  const port = ports.open();
  await using served = await serve(port);
  await using tab = await Tab.open();
  const { page } = tab;
  await page.goto(served.url);
  await tab.live();
  assertEquals(await page.textContent("#headline"), "1 of 5 targets is down");
  await page.evaluate(() => (globalThis as { isSame?: boolean }).isSame = true);
  ports.close(port);
  await page.waitForSelector('#targets tr.down[data-id="web"]');
  await page.waitForFunction(() => document.getElementById("headline")!.textContent === "5 of 5 targets are down");
  await page.waitForSelector(".events li:has-text('web down') .mark.down");
  assertEquals(await page.title(), "(5 down) tcp-checker");
  await page.waitForFunction(() => document.querySelectorAll("svg.heat .down").length >= 5);
  ports.open(port);
  await page.waitForFunction(() => document.getElementById("headline")!.textContent === "1 of 5 targets is down");
  await page.waitForSelector('#targets tr.up[data-id="web"]');
  assertEquals(await page.evaluate(() => (globalThis as { isSame?: boolean }).isSame), true);
  assertEquals(tab.problems, []);
});

testInBrowser("the page of a target shows its plot, its last check and its transitions", async () => {
  using ports = new Ports();
  const port = ports.open();
  await using served = await serve(port);
  await using tab = await Tab.open();
  const { page } = tab;
  await page.goto(served.url);
  await page.click('#targets a:has-text("odd")');
  await page.waitForSelector("#plot canvas");
  assertEquals(await page.textContent("h1 .name"), CSS_HOSTILE);
  assertStringIncludes(await page.textContent("#last") ?? "", "RST sent in place of the ACK");
  await tab.live();
  ports.close(port);
  await page.waitForSelector("#summary strong.down");
  assertStringIncludes(await page.textContent("#last") ?? "", "RST received (ECONNREFUSED)");
  assertStringIncludes(await page.textContent("#events") ?? "", "down: refused, ECONNREFUSED (2 of 2)");
  assertEquals(tab.problems, []);
});

testInBrowser("labels of the plot are not cut, however small or large the round-trip times are", async () => {
  using ports = new Ports();
  await using served = await serve(ports.open());
  for (const rtt of [0.0071, 9876.5]) {
    await using tab = await Tab.open({ viewport: { width: 360, height: 700 } });
    const { page } = tab;
    await page.addInitScript(() => {
      const labels: [string, number][] = (globalThis as { labels?: [string, number][] }).labels = [];
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const begin = x - (this.textAlign === "right" ? this.measureText(text).width : 0);
        labels.push([text, begin]);
        fillText.call(this, text, x, y);
      };
    });
    await page.route("**/series?*", (route) => {
      const at = (i: number) => new Date(Date.now() - i * 30_000).toISOString();
      const points = [3, 2, 1].map((i) => ({ at: at(i), pass: 1, fail: 0, p50: rtt, p95: rtt }));
      return route.fulfill({ json: { points } });
    });
    await page.goto(`${served.url}/targets/web`);
    await page.waitForSelector("#plot canvas");
    await page.waitForFunction(() =>
      (globalThis as { labels?: [string][] }).labels!.some(([text]) => / ms$/.test(text))
    );
    const cut = await page.evaluate(() =>
      (globalThis as { labels?: [string, number][] }).labels!.filter(([, begin]) => begin < 0)
    );
    assertEquals(cut, []);
    assertEquals(tab.problems, []);
  }
});

testInBrowser("search, group and state are in the URL", async () => {
  using ports = new Ports();
  await using served = await serve(ports.open());
  await using tab = await Tab.open();
  const { page } = tab;
  const names = () => page.locator("#targets tbody th a").allTextContents();
  await page.goto(served.url);
  await page.fill("input[type=search]", "BLUE");
  await page.press("input[type=search]", "Enter");
  await page.waitForURL(/q=BLUE/);
  assertEquals(await names(), ["web"]);
  await page.goto(`${served.url}/?group=front`);
  assertEquals(await names(), ["api", "web"]);
  assertEquals(await page.inputValue("select[name=group]"), "front");
  await page.goto(`${served.url}/?group=-`);
  assertEquals(await names(), [CSS_HOSTILE]);
  await page.click(".tiles .down a");
  assertEquals(await names(), ["[2001:db8::1]:6379"]);
  await page.goto(`${served.url}/?q=nothing`);
  assertStringIncludes(await page.textContent("#targets .empty") ?? "", "No target matches");
  await page.click(".reset");
  assertEquals((await names()).length, 5);
  assertEquals(tab.problems, []);
});

testInBrowser("the search and the targets are reachable by keyboard, and focus survives an update", async () => {
  using ports = new Ports();
  const port = ports.open();
  await using served = await serve(port);
  await using tab = await Tab.open();
  const { page } = tab;
  await page.goto(served.url);
  await page.keyboard.press("Tab");
  assertEquals(await page.evaluate(() => document.activeElement!.textContent), "Skip to the content");
  await page.keyboard.press("/");
  await page.keyboard.type("web");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=web/);
  await tab.live();
  const focused = () => page.evaluate(() => document.activeElement!.textContent);
  for (let i = 0; i < 40 && await focused() !== "web"; i++) await page.keyboard.press("Tab");
  assertEquals(await focused(), "web");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
  assertEquals(outline, "solid");
  await tab.countRereads();
  ports.close(port);
  await page.waitForSelector("#targets tr.down");
  await tab.reread();
  assertEquals(await focused(), "web");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/targets\/web$/);
  assertEquals(tab.problems, []);
});

testInBrowser("the page works without JavaScript", async () => {
  using ports = new Ports();
  await using served = await serve(ports.open());
  await using tab = await Tab.open({ javaScriptEnabled: false });
  const { page } = tab;
  await page.goto(served.url);
  assertEquals(await page.textContent("#headline"), "1 of 5 targets is down");
  assertStringIncludes(await page.textContent("#freshness") ?? "", "As of");
  await page.selectOption("select[name=group]", "front");
  await page.click("button[type=submit]");
  assertEquals(await page.locator("#targets tbody tr").count(), 2);
  await page.click("#targets tbody a >> nth=0");
  assertStringIncludes(await page.textContent("#last") ?? "", "SYN-ACK received");
  await page.click("summary");
  assert(await page.locator(".numbers tbody tr").count() >= 0);
});

testInBrowser("the page is stale while the agent does not run, and live when it runs again", async () => {
  using ports = new Ports();
  await using tab = await Tab.open();
  const { page } = tab;
  const served = await serve(ports.open());
  const { port } = served.agent.address!;
  await page.goto(served.url);
  await tab.live();
  await served[Symbol.asyncDispose]();
  await page.waitForSelector("#freshness[data-state=stale]");
  assertStringIncludes(await page.textContent("#freshness") ?? "", "Stale: no update since");
  await using _again = await ServedAgent.start("targets: []", `127.0.0.1:${port}`);
  await tab.live();
  await page.waitForSelector('#targets .empty:has-text("Add targets")');
});

testInBrowser("no text is cut or overflows on a narrow screen", async () => {
  using ports = new Ports();
  await using served = await serve(ports.open());
  await using tab = await Tab.open({ viewport: { width: 360, height: 700 } });
  for (
    const path of ["/", `/targets/${encodeURIComponent(LONG)}`, `/targets/${encodeURIComponent("[2001:db8::1]:6379")}`]
  ) {
    await tab.page.goto(served.url + path);
    await tab.live();
    const [width, shown] = await tab.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert(width <= shown, `${path}: ${width} > ${shown}`);
  }
  assertEquals(tab.problems, []);
});

testInBrowser("axe finds no problem in light and dark mode, on wide and narrow screens", async () => {
  using ports = new Ports();
  await using served = await serve(ports.open());
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 360]) {
      // Only this context permits a script that is not the server's: axe.
      await using tab = await Tab.open({
        colorScheme,
        bypassCSP: true,
        viewport: { width, height: 900 },
        reducedMotion: "reduce",
      });
      for (const path of ["/", "/?q=nothing", "/targets/web", `/targets/${encodeURIComponent(LONG)}`]) {
        await tab.page.goto(served.url + path);
        await tab.live();
        await tab.page.evaluate(axe);
        const violations = await tab.page.evaluate(async () => {
          // deno-lint-ignore no-explicit-any -- the script's global
          const { violations } = await (globalThis as any).axe.run();
          return violations.map(({ id, nodes }: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
            `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`
          );
        });
        assertEquals(violations, [], `${path}, ${colorScheme}, ${width}`);
      }
    }
  }
});

testInBrowser("dark mode and reduced motion follow the system's settings", async () => {
  using ports = new Ports();
  await using served = await serve(ports.open());
  const background = async (colorScheme: "light" | "dark") => {
    await using tab = await Tab.open({ colorScheme, reducedMotion: "reduce" });
    await tab.page.goto(served.url);
    return await tab.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  };
  const lightness = (colour: string) => Number(colour.match(/\d+/)![0]);
  assert(lightness(await background("light")) > 200);
  assert(lightness(await background("dark")) < 60);
});

testInBrowser("a browser asks for the token as a password", async () => {
  await using served = await ServedAgent.start("targets: []\nserve: { read_token: secret }");
  await using tab = await Tab.open({ httpCredentials: { username: "any", password: "secret" } });
  await tab.page.goto(served.url);
  await tab.live();
  assertStringIncludes(await tab.page.textContent("h1") ?? "", "There are no targets");
});

Deno.test({ name: "Chromium ends", fn: closeBrowser, sanitizeOps: false, sanitizeResources: false });

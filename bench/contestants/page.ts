/** The status page with viewers: `page.ts TARGETS VIEWERS SECONDS`. */

import { get } from "node:http";
import { cpuMicrosOf } from "../counters/process_time.ts";

const [targets, viewers, seconds] = Deno.args.map(Number);
const SERVER = decodeURIComponent(new URL("page_server.ts", import.meta.url).pathname);
/** The number of page loads, whose median time is reported. */
const PAGES = 15;

const child = new Deno.Command(Deno.execPath(), {
  args: ["run", "--quiet", "--allow-all", SERVER, String(targets)],
  stdout: "piped",
}).spawn();
try {
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await lines.read()).value);
  const idle = await cpuShare();
  let messages = 0;
  const streams = await Promise.all(Array.from({ length: viewers }, () => view(port, () => messages++)));
  await pause(2);
  messages = 0;
  const watched = await cpuShare();
  const messageRate = messages / viewers / seconds;
  for (const stream of streams) stream.destroy();
  const pages: { bytes: number; ms: number }[] = [];
  for (let i = 0; i < PAGES; i++) pages.push(await load(port, `/?q=&page=${1 + i}`));
  const [first] = pages;
  const ms = pages.map(({ ms }) => ms).sort((a, b) => a - b)[PAGES >> 1];
  const paint = await firstPaint(port);
  console.log(JSON.stringify({ idle, watched, messageRate, bytes: first.bytes, ms, paint }));
} finally {
  child.kill("SIGKILL");
  await child.status;
}

/** CPU time of the server, as a share of one core. */
async function cpuShare(): Promise<number> {
  const [cpu, start] = [cpuMicrosOf(child.pid), performance.now()];
  await pause(seconds);
  return (cpuMicrosOf(child.pid) - cpu) / 1000 / (performance.now() - start);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Opens the stream of a page. */
function view(port: number, onMessage: () => void): Promise<{ destroy(): void }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ destroy(): void }>();
  const request = get({ host: "127.0.0.1", port, path: "/live", agent: false }, (response) => {
    response.on("data", onMessage);
    response.on("error", () => {});
    if (response.statusCode === 200) resolve(request);
    else reject(new Error(`The status is ${response.statusCode}`));
  }).on("error", reject);
  return promise;
}

/** Loads a page that is not in the cache. */
function load(port: number, path: string): Promise<{ bytes: number; ms: number }> {
  const start = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<{ bytes: number; ms: number }>();
  get({ host: "127.0.0.1", port, path, headers: { "Accept-Encoding": "gzip" } }, async (response) => {
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    resolve({ bytes, ms: performance.now() - start });
  }).on("error", reject);
  return promise;
}

/** The first contentful paint in Chromium, in ms after the navigation began; absent without Chromium. */
async function firstPaint(port: number): Promise<number | undefined> {
  const { isInstalled } = await import("../../tests/support/installed.ts");
  if (!isInstalled("chromium")) return undefined;
  const { closeBrowser, Tab } = await import("../../monitor/tests/support/browser.ts");
  const paints: number[] = [];
  for (let i = 0; i < 5; i++) {
    await using tab = await Tab.open();
    await tab.page.goto(`http://127.0.0.1:${port}/`);
    await tab.live();
    const paint = await tab.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    if (paint !== undefined) paints.push(paint);
  }
  await closeBrowser();
  return paints.sort((a, b) => a - b)[paints.length >> 1];
}

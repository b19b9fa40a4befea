/** Debian's Chromium, restricted to loopback. */

/// <reference lib="dom" />

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { type Browser, type BrowserContext, chromium, type Page } from "npm:playwright-core@1.65.1";
import { isInstalled } from "../../../tests/support/installed.ts";

/** Options that turn off Chromium's resolver, updates and services. */
const ARGUMENTS = [
  "--no-sandbox",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--disable-gpu",
  "--no-first-run",
  "--no-pings",
];

let browser: Promise<Browser> | undefined;

/** Starts Chromium, or returns the running instance. */
function launch(): Promise<Browser> {
  return browser ??= chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS });
}

/** Ends Chromium. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** Tab, and its problems: errors, messages of the console, violations of the content security policy. */
export class Tab implements AsyncDisposable {
  readonly page: Page;
  readonly problems: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.problems.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.problems.push(`console: ${message.text()}`);
    });
    page.on("requestfailed", (request) => {
      // Leaving a page aborts its requests.
      const reason = request.failure()?.errorText;
      if (reason !== "net::ERR_ABORTED") this.problems.push(`request: ${request.url()} ${reason}`);
    });
  }

  /** Opens a tab. */
  static async open(options: Parameters<Browser["newContext"]>[0] = {}): Promise<Tab> {
    const context = await (await launch()).newContext({ viewport: { width: 1280, height: 900 }, ...options });
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    return new Tab(context, await context.newPage());
  }

  /** Waits until the page is live. */
  async live(): Promise<void> {
    await this.page.waitForSelector("#freshness[data-state=live]");
  }

  /** Counts the page's fetches by its script from now on. */
  async countRereads(): Promise<void> {
    await this.page.evaluate(() => {
      document.body.dataset.rereads = "0";
      document.addEventListener("reread", () => {
        document.body.dataset.rereads = String(Number(document.body.dataset.rereads) + 1);
      });
    });
  }

  /** Waits until the script has fetched the page again and replaced its sections. */
  async reread(): Promise<void> {
    await this.page.waitForFunction(() => Number(document.body.dataset.rereads) > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}

/** Defines a test that needs Chromium, and is skipped without it. */
export function testInBrowser(name: string, fn: () => Promise<void>): void {
  const ignore = !isInstalled("chromium");
  Deno.test({
    name: ignore ? `${name} (skipped, there is no chromium here: apt-get install chromium)` : name,
    ignore,
    fn,
    // Chromium stays running for the next test.
    sanitizeOps: false,
    sanitizeResources: false,
  });
}

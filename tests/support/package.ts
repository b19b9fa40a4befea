/** The published package: only the files that users get. */

import fleet from "../../fleet/deno.json" with { type: "json" };
import monitor from "../../monitor/deno.json" with { type: "json" };
import core from "../../deno.json" with { type: "json" };
import { ROOT } from "./bundle.ts";

const TYPES: Record<string, string> = { ts: "application/typescript", json: "application/json" };

/** Files, below the root of the checkout, by the specifiers under which other packages import them. */
const ENTRY_POINTS = new Map([
  ...entryPoints(core, ""),
  ...entryPoints(monitor, "monitor/"),
  ...entryPoints(fleet, "fleet/"),
]);

/** The packages of the workspace, each by its folder below the root of the checkout. */
const PACKAGES = ["", "cli/", "monitor/", "fleet/"];

/** The published files of a package, or of all, as paths below the root of the checkout. */
export async function publishedFiles(packages = PACKAGES): Promise<string[]> {
  return (await Promise.all(packages.map(filesOfPackage))).flat();
}

function entryPoints(config: { name: string; exports: Record<string, string> }, folder: string): [string, string][] {
  return Object.entries(config.exports).map(([entry, path]) => [config.name + entry.slice(1), folder + path.slice(2)]);
}

async function filesOfPackage(folder: string): Promise<string[]> {
  const args = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: `${ROOT}${folder}`,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(text);
  const root = new URL("../..", import.meta.url).href;
  return [...text.matchAll(/^ +(file:\S+) \(/gm)].map(([, url]) => decodeURIComponent(url.slice(root.length)));
}

/** The published files in a separate folder, with a program. */
export class Package implements AsyncDisposable {
  /** The folder. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async unpack(): Promise<Package> {
    const path = await Deno.makeTempDir();
    for (const file of await publishedFiles()) {
      await Deno.mkdir(`${path}/${file}`.replace(/[^/]+$/, ""), { recursive: true });
      await Deno.copyFile(`${ROOT}${file}`, `${path}/${file}`);
    }
    return new Package(path);
  }

  /** Changes a file. */
  async edit(file: string, change: (text: string) => string): Promise<void> {
    const text = await Deno.readTextFile(`${this.path}/${file}`);
    const changed = change(text);
    if (changed === text) throw new Error(`Cannot edit ${file}: nothing to change`);
    await Deno.writeTextFile(`${this.path}/${file}`, changed);
  }

  /** Runs a program that imports "./mod.ts", and returns its output. */
  async run(program: string, flags: string[] = ["--allow-ffi"], env: Record<string, string> = {}): Promise<string> {
    await Deno.writeTextFile(`${this.path}/main.ts`, program);
    return await output(Deno.execPath(), ["run", "--no-prompt", ...flags, `${this.path}/main.ts`], { env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** The published files on a server. */
export class Registry implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(files: Set<string>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async ({ url }) => {
      const file = decodeURIComponent(new URL(url).pathname.slice(1));
      if (!files.has(file)) return new Response(null, { status: 404 });
      const type = TYPES[file.split(".").at(-1)!] ?? "text/plain";
      const text = await Deno.readTextFile(`${ROOT}${file}`);
      // Replaces names of other workspace members, as a registry does on publication.
      const module = text.replaceAll(/"(@tcp-shaker\/[\w/-]+)"/g, (quoted, specifier) => {
        const entry = ENTRY_POINTS.get(specifier);
        return entry === undefined ? quoted : `"${new URL(`/${entry}`, url)}"`;
      });
      return new Response(module, { headers: { "content-type": type } });
    });
  }

  static async open(): Promise<Registry> {
    return new Registry(new Set(await publishedFiles()));
  }

  /** "127.0.0.1:port" */
  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  url(file: string): string {
    return `http://${this.host}/${file}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Runs a command, and returns its stdout. Its stderr is shown. */
export async function output(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { stdout } = await new Deno.Command(command, { args, stderr: "inherit", ...options }).output();
  return new TextDecoder().decode(stdout);
}

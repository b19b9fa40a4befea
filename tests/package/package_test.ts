import { assert, assertMatch } from "@std/assert";
import { TARGETS } from "../../lib/native/bundle.ts";
import { bundleTest, isPacked, ROOT, whyNoBundle } from "../support/bundle.ts";
import { OpenPort } from "../support/listener.ts";
import { namespaceTest } from "../support/namespace.ts";
import { output, Registry } from "../support/package.ts";

/** How `deno compile` reaches the runtime that it downloads. */
const NETWORK = [
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "HTTPS_PROXY",
];

/** The environment of a user without our checkout: an empty cache, and no program but Deno. */
class Home implements AsyncDisposable {
  readonly path: string;
  readonly options: Deno.CommandOptions;

  private constructor(path: string) {
    this.path = path;
    const env = {
      ...Object.fromEntries(NETWORK.flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : [])),
      // A registry that does not answer: neither the module nor the command has an npm package.
      NPM_CONFIG_REGISTRY: "http://127.0.0.1:1/",
      DENO_DIR: `${path}/cache`,
      DENO_INSTALL_ROOT: `${path}/installed`,
      PATH: `${path}/bin`,
      NO_COLOR: "1",
    };
    this.options = { cwd: path, env, clearEnv: true };
  }

  static async make(): Promise<Home> {
    const path = await Deno.makeTempDir();
    await Deno.mkdir(`${path}/bin`);
    await Deno.symlink(Deno.execPath(), `${path}/bin/deno`);
    return new Home(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** The first example of the README's usage. */
async function example(): Promise<string> {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  return readme.match(/^## Install and use\n.*?^```ts\n(.*?)^```$/ms)![1];
}

/** Prepares the example in a home folder. Returns Deno's arguments to run it. */
async function prepareExample({ path }: Home, registry: Registry, target: string): Promise<string[]> {
  const program = (await example()).replaceAll("127.0.0.1:22", target);
  await Deno.writeTextFile(`${path}/main.ts`, program);
  const imports = { "@tcp-shaker/tcp-shaker": registry.url("mod.ts") };
  await Deno.writeTextFile(`${path}/import_map.json`, JSON.stringify({ imports }));
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-ffi",
    `--allow-import=${registry.host}`,
    "--import-map=import_map.json",
    "main.ts",
  ];
}

const ANSWERED = /^up, [\d.]+ ms\n/;

bundleTest("the README's example needs only --allow-ffi, and no program but Deno", async () => {
  using open = new OpenPort();
  await using registry = await Registry.open();
  await using home = await Home.make();
  const args = await prepareExample(home, registry, open.target);
  assertMatch(await output("deno", args, home.options), ANSWERED);
});

bundleTest("the README's example downloads nothing at run time", async () => {
  using open = new OpenPort();
  await using home = await Home.make();
  const registry = await Registry.open();
  const args = await prepareExample(home, registry, open.target);
  // `deno cache` takes only the flags about sources of modules.
  await output("deno", ["install", "--quiet", "--entrypoint", ...args.slice(-3)], home.options)
    .finally(() => registry[Symbol.asyncDispose]());
  assertMatch(await output("deno", args, home.options), ANSWERED);
});

/** Makes everything read-only except Deno's cache, which is mounted noexec. */
const READ_ONLY = `
  mkdir cache
  mount --bind "$PWD" "$PWD"
  cd "$PWD"
  mount -t tmpfs -o noexec tmpfs cache
  mount -o remount,bind,ro /
  mount -o remount,bind,ro "$PWD"
  ! touch main.ts 2>/dev/null
  PATH="$PWD/bin" exec "$@"
`;

const readOnlyTest = whyNoBundle === undefined ? namespaceTest : bundleTest;
readOnlyTest("the README's example runs on a read-only system with a noexec cache", async () => {
  using open = new OpenPort();
  await using registry = await Registry.open();
  await using home = await Home.make();
  const args = await prepareExample(home, registry, open.target);
  const wrapper = ["--user", "--map-root-user", "--mount", "sh", "-euc", READ_ONLY, "sh", "deno"];
  const options = { ...home.options, env: { ...home.options.env, PATH: Deno.env.get("PATH")! } };
  assertMatch(await output("unshare", [...wrapper, ...args], options), ANSWERED);
});

bundleTest("tcp-checker runs after deno install", async () => {
  using open = new OpenPort();
  await using registry = await Registry.open();
  await using home = await Home.make();
  const flags = ["--quiet", "--allow-ffi", `--allow-import=${registry.host}`];
  await output(
    "deno",
    ["install", "--global", ...flags, "--name", "tcp-checker", registry.url("cli/mod.ts")],
    home.options,
  );
  // A shell script whose first line names the shell.
  const text = await output(`${home.path}/installed/bin/tcp-checker`, [open.target], home.options);
  assertMatch(text, /^127\.0\.0\.1:\d+ +up +[\d.]+ ms\n$/);
});

bundleTest("tcp-checker runs after deno compile", async (test) => {
  await using registry = await Registry.open();
  await using home = await Home.make();
  const flags = ["--quiet", "--allow-ffi", `--allow-import=${registry.host}`, "--output", "tcp-checker"];
  const args = ["compile", ...flags, registry.url("cli/mod.ts")];

  await test.step("the library for each target is packed", async () => {
    // Any program serves as the runtime, because it isn't run.
    const env = { ...home.options.env, DENORT_BIN: Deno.execPath() };
    await output("deno", args, { ...home.options, env });
    for (const target of TARGETS) assert(await isPacked(`${home.path}/tcp-checker`, target), target);
  });

  const { success, stderr } = await new Deno.Command("deno", { args, ...home.options }).output();
  const missing = new TextDecoder().decode(stderr).match(/error sending request for url \([^)]*\)/);
  if (!success && missing === null) throw new Error(new TextDecoder().decode(stderr));
  await test.step({
    name: success ? "it runs" : `it runs (skipped, Deno's runtime is missing: ${missing![0]})`,
    ignore: !success,
    async fn() {
      using open = new OpenPort();
      await Deno.remove(`${home.path}/cache`, { recursive: true });
      const text = await output(`${home.path}/tcp-checker`, [open.target], home.options);
      assertMatch(text, /^127\.0\.0\.1:\d+ +up +[\d.]+ ms\n$/);
    },
  });
});

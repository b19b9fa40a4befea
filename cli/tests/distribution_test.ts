import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { bundleTest, isPacked } from "../../tests/support/bundle.ts";
import { type Ended, run, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";

const README = Deno.readTextFileSync(new URL("../README.md", import.meta.url));
const INSTALL = commandLine(README, "deno install");
const PERMISSIONS = INSTALL.filter((word) => word.startsWith("--allow-"));

Deno.test("deno install as in the README installs a command that reads files and runs programs", async () => {
  using open = new OpenPort();
  await using command = await Installed.make(PERMISSIONS);
  await Deno.writeTextFile(`${command.root}/targets`, `${open.target}\n`);
  const checked = await command.run("-f", `${command.root}/targets`, closedPort());
  assertEquals([checked.code, checked.stderr, checked.stdout.match(/ (?:up|refused) /g)?.length], [1, "", 2]);
  const waited = await command.run("wait", open.target, "--", "sh", "-c", "echo started; exit 7");
  assertMatch(waited.stdout, / up .*\nstarted\n$/);
  assertEquals([waited.code, waited.stderr], [7, ""]);
  const script = `#!/bin/sh\ncat > '${command.root}/event'\n`;
  await Deno.writeTextFile(`${command.root}/notify`, script, { mode: 0o755 });
  const args = ["monitor", "--exec", `${command.root}/notify`, open.target];
  const monitor = new RunningCommand(args, [command.path]);
  await monitor.stdout.until(/ up /);
  // Queued runs of the program finish before the command ends.
  monitor.kill("SIGTERM");
  assertEquals((await monitor.ended()).code, 0);
  assertEquals(JSON.parse(await Deno.readTextFile(`${command.root}/event`)).up, [open.target]);
});

Deno.test("deno install with only --allow-ffi installs a command that checks targets from arguments and stdin", async () => {
  using open = new OpenPort();
  await using command = await Installed.make(["--allow-ffi"]);
  assertEquals((await command.run("127.0.0.0/31:1")).stdout.match(/ refused /g)?.length, 2);
  assertMatch((await run(["-"], ["env", "-C", "/", command.path], open.target)).stdout, / up /);
  assertStringIncludes((await command.run("-f", "/etc/hosts")).stderr, "add it, or use -f - < FILE");
  assertStringIncludes((await command.run("wait", open.target, "--", "true")).stderr, "add --allow-run=true");
  assertStringIncludes(
    (await command.run("monitor", open.target, "--exec", "true")).stderr,
    "add --allow-run=true",
  );
});

Deno.test("deno install with one more permission adds only the feature that the README names", async () => {
  using open = new OpenPort();
  {
    await using command = await Installed.make(["--allow-ffi", "--allow-read"]);
    await Deno.writeTextFile(`${command.root}/targets`, `${open.target}\n`);
    assertEquals((await command.run("-f", `${command.root}/targets`)).code, 0);
    assertEquals((await command.run("wait", open.target, "--", "true")).code, 3);
  }
  await using command = await Installed.make(["--allow-ffi", "--allow-run=true"]);
  assertEquals((await command.run("wait", open.target, "--", "true")).code, 0);
  assertEquals((await command.run("wait", open.target, "--", "false")).code, 3);
  assertEquals((await command.run("-f", "/etc/hosts")).code, 3);
});

Deno.test("all documents install, compile and run the command with the same permissions", async () => {
  assertEquals(
    INSTALL,
    commandLine(await Deno.readTextFile(new URL("../../README.md", import.meta.url)), "deno install"),
  );
  const compiled = commandLine(README, "deno compile");
  const inCheckout = commandLine(README, "deno install --global --config");
  for (const words of [inCheckout, compiled, config.tasks.check.command.split(" ")]) {
    assertEquals(words.filter((word) => word.startsWith("--allow-")), PERMISSIONS);
  }
});

Deno.test("deno task compile makes an executable with the permissions of a monitor, and its workers", () => {
  const words = config.tasks.compile.command.split(" ");
  const names = ["ffi", "read", "write", "net", "run", "env"];
  assertEquals(words.filter((word) => word.startsWith("--allow-")), names.map((name) => `--allow-${name}`));
  const included = words.filter((_, i) => words[i - 1] === "--include");
  assertEquals(included, ["monitor/lib/parsing/worker.ts", "monitor/lib/history/worker.ts"]);
  for (const path of included) assert(Deno.statSync(new URL(`../../${path}`, import.meta.url)).isFile);
});

bundleTest("deno task compile makes an executable that contains the native library", async () => {
  const root = await Deno.makeTempDir();
  try {
    const [program, ...args] = config.tasks.compile.command.replace("target/tcp-checker", `${root}/out`).split(" ");
    assertEquals(program, "deno");
    // Deno appends the files to a runtime that it downloads. The test does not run the result, so any executable
    // suffices.
    const compiled = await run(args, ["env", `DENORT_BIN=${Deno.execPath()}`, Deno.execPath()]);
    assertEquals(compiled.code, 0, compiled.stderr);
    assert(await isPacked(`${root}/out`, Deno.build.target));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** The command, installed from this checkout into its own folder. */
class Installed implements AsyncDisposable {
  readonly path: string;

  private constructor(readonly root: string) {
    this.path = `${root}/bin/tcp-checker`;
  }

  /** Installs with the README's command, but other permissions and the modules of this checkout. */
  static async make(permissions: readonly string[]): Promise<Installed> {
    const root = await Deno.makeTempDir();
    const [, ...words] = INSTALL.filter((word) => !PERMISSIONS.includes(word));
    // In a checkout the configuration resolves the library; a registry writes its address into the modules.
    const checkout = ["--config", new URL("../../deno.json", import.meta.url).pathname];
    const module = new URL("../mod.ts", import.meta.url).href;
    const args = [...words.slice(0, -1), "--quiet", "--root", root, ...permissions, ...checkout, module];
    const { code, stderr } = await run(args, [Deno.execPath()]);
    assertEquals(code, 0, stderr);
    return new Installed(root);
  }

  /** Runs the command in another folder. */
  run(...args: string[]): Promise<Ended> {
    return run(args, ["env", "-C", "/", this.path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}

/** Finds a command line of a document by its start, and splits it into words. */
function commandLine(markdown: string, start: string): string[] {
  const line = markdown.replaceAll(/\\\n */g, "").split("\n").find((line) => line.startsWith(start));
  assert(line !== undefined, start);
  return line.split(" ");
}

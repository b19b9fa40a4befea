/** Where half-open checks can't be had: what takes their place, who decides, and who is told. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run as runCommand } from "../support/command.ts";
import { OpenPort } from "../support/listener.ts";
import { copyModule } from "../support/module_copy.ts";
import { run } from "../support/program.ts";

const BOTH = ["--allow-ffi", "--allow-net"];

/** A copy of the module that has no library. */
class Bare implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async copy(): Promise<Bare> {
    return new Bare(await copyModule());
  }

  /** Checks a target with a checker made by `options`, or with the default checker; gives what a user would see. */
  async check(target: string, flags: string[], options?: unknown): Promise<string> {
    const checker = options === undefined ? "defaultChecker()" : `new Checker(${JSON.stringify(options)})`;
    const { stdout, stderr } = await this.run(
      `
      const checker = ${checker};
      checker.checkingLoop().catch(() => {});
      const told = ({ status, mode }) => status + " " + mode;
      const failed = ({ name, message, cause }) => name + ": " + message + (cause ? "\\ncause: " + cause : "");
      console.log(await checker.checkAddr("${target}").then(told, failed));
      await checker[Symbol.asyncDispose]();
    `,
      flags,
    );
    assertEquals(stderr, "");
    return stdout.trimEnd();
  }

  run(script: string, flags: string[]) {
    return run(script, flags, `file://${this.folder}/mod.ts`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("without a library checks are full connects, and say so", async () => {
  using open = new OpenPort();
  await using bare = await Bare.copy();
  assertEquals(await bare.check(open.target, BOTH), "up full");
  assertEquals(await bare.check(open.target, BOTH, {}), "up full");
  assertEquals(await bare.check("127.0.0.1:1", BOTH, {}), "refused full");
  const { stdout } = await bare.run(`console.log(await isReachable("${open.target}"));`, BOTH);
  assertEquals(stdout, "true\n");
});

Deno.test(`fallback: "connect" needs --allow-net alone`, async () => {
  using open = new OpenPort();
  await using bare = await Bare.copy();
  assertEquals(await bare.check(open.target, ["--allow-net"], { fallback: "connect" }), "up full");
});

Deno.test(`fallback: "error" rejects with the reason why there is no library`, async () => {
  await using bare = await Bare.copy();
  const told = await bare.check("127.0.0.1:1", BOTH, { fallback: "error" });
  assertMatch(told, /^Error: Cannot load the native library/);
  assertStringIncludes(told, `${bare.folder}/target/release/libtcp_shaker.so`);
});

Deno.test("that --allow-ffi is missing is no reason for full connects, unless they were asked for", async () => {
  using open = new OpenPort();
  await using bare = await Bare.copy();
  for (const options of [undefined, {}, { fallback: "error" }]) {
    assertMatch(await bare.check(open.target, ["--allow-net"], options), /^NotCapable: Requires ffi access/);
  }
});

Deno.test("without --allow-net the fallback says what it needs it for, and what the cause is", async () => {
  await using bare = await Bare.copy();
  const told = await bare.check("127.0.0.1:1", ["--allow-ffi"]);
  assertMatch(told, /^NotCapable: Cannot check by a full connect: Requires net access to "127.0.0.1:1", .*--allow-net/);
  assertMatch(told, /\nIt takes the place of half-open checks: Cannot load the native library/);
  assertMatch(told, /\ncause: Error: Cannot load the native library/);
});

for (const os of ["darwin", "windows"]) {
  Deno.test(`on ${os} checks are full connects, and --allow-net is all they need`, async () => {
    using open = new OpenPort();
    // As far as the module can see.
    const script = `
      const build = { ...Deno.build, os: "${os}" };
      Object.defineProperty(Deno, "build", { value: build });
      const { status, mode } = await checkAddr("${open.target}");
      console.log(status, mode);
      const checker = new Checker({ fallback: "error" });
      console.log(await checker.checkingLoop().catch(({ message }) => message));
    `;
    const { stdout, stderr } = await run(script, ["--allow-net"]);
    assertEquals([stdout.split("\n")[0], stderr], ["up full", ""]);
    assertStringIncludes(stdout, `half-open checks need Linux, this is ${os}`);
  });
}

Deno.test("tcp-checker says of each check that it was a full connect, and sums them up", async () => {
  using open = new OpenPort();
  await using bare = await Bare.copy();
  const command = [Deno.execPath(), "run", "--no-prompt", ...BOTH, `${bare.folder}/cli/mod.ts`];
  const lines = await runCommand([open.target], command);
  assertMatch(lines.stdout, new RegExp(`^${open.target}  up  \\d+\\.\\d{3} ms  full connect\n$`));
  assertEquals([lines.code, lines.stderr], [0, ""]);
  const summary = await runCommand(["-n", "3", open.target, "127.0.0.1:1"], command);
  assertMatch(summary.stdout, /\n {2}Errors: connect 3, timeout 0, other 0\n {2}Full connects: 6\n$/);
  assert(summary.code === 1);
});

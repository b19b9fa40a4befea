/** The fallback: full connects where half-open checks are impossible, and how results mark them. */

import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { Checker } from "../../mod.ts";
import { OpenPort } from "../support/listener.ts";
import { copyModule } from "../support/module_copy.ts";
import { MODULE, run } from "../support/program.ts";

const BOTH = ["--allow-ffi", "--allow-net"];

/** A copy of the module that has no library. */
class ModuleWithoutLibrary implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async copy(): Promise<ModuleWithoutLibrary> {
    return new ModuleWithoutLibrary(await copyModule());
  }

  /** Checks a target with a checker made by `options`, or with the default checker. Returns the output. */
  async check(target: string, flags: string[], options?: unknown): Promise<string> {
    const checker = options === undefined ? "defaultChecker()" : `new Checker(${JSON.stringify(options)})`;
    const { stdout, stderr } = await this.run(
      `
      const checker = ${checker};
      checker.checkingLoop().catch(() => {});
      const format = ({ status, mode }) => status + " " + mode;
      const failed = ({ name, message, cause }) => name + ": " + message + (cause ? "\\ncause: " + cause : "");
      console.log(await checker.checkAddr("${target}").then(format, failed));
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

Deno.test("on Linux checks without a library reject, unless fallback is set", async () => {
  using open = new OpenPort();
  await using module = await ModuleWithoutLibrary.copy();
  for (const options of [undefined, {}, { fallback: "error" }, { engine: "auto" }, { engine: "socket" }]) {
    const output = await module.check(open.target, BOTH, options);
    assertMatch(output, /^Error: Cannot load the native library/);
    assertStringIncludes(output, `${module.folder}/target/release/libtcp_shaker.so`);
    // A missing permission causes no fallback either, because it can be granted.
    assertMatch(await module.check(open.target, ["--allow-net"], options), /^NotCapable: Requires ffi access/);
  }
  assertEquals(await module.check(open.target, BOTH, { fallback: "connect" }), "up full");
  assertEquals(await module.check("127.0.0.1:1", BOTH, { engine: "auto", fallback: "connect" }), "refused full");
  const { stdout } = await module.run(
    `console.log(await isReachable("${open.target}").catch(({ name }) => name));`,
    BOTH,
  );
  assertEquals(stdout, "Error\n");
});

Deno.test(`fallback: "connect" needs --allow-net alone`, async () => {
  using open = new OpenPort();
  await using module = await ModuleWithoutLibrary.copy();
  assertEquals(await module.check(open.target, ["--allow-net"], { fallback: "connect" }), "up full");
});

Deno.test("without --allow-net the fallback's error names the permission and the cause", async () => {
  await using module = await ModuleWithoutLibrary.copy();
  const output = await module.check("127.0.0.1:1", ["--allow-ffi"], { fallback: "connect" });
  assertMatch(
    output,
    /^NotCapable: Cannot check by a full connect: Requires net access to "127.0.0.1:1", .*--allow-net/,
  );
  assertMatch(output, /\nHalf-open checks are not possible: Cannot load the native library/);
  assertMatch(output, /\ncause: Error: Cannot load the native library/);
});

Deno.test("fallback is rejected with an explicit engine", () => {
  for (const engine of ["socket", "raw"] as const) {
    assertThrows(
      () => new Checker({ engine, fallback: "connect" }),
      TypeError,
      `fallback "connect" does not replace engine "${engine}"`,
    );
  }
});

Deno.test("a running checker has its engine's name", async () => {
  const checker = await Checker.start();
  assertEquals(checker.engine, "socket");
  await checker[Symbol.asyncDispose]();
  assertEquals(checker.engine, undefined);
  await using connecting = await Checker.start({ engine: "connect", rate: 1000 });
  assertEquals(connecting.engine, "connect");
});

Deno.test("on Android checks are half-open with a library of the checkout, or given by path", async () => {
  using open = new OpenPort();
  const library = new URL("../../target/release/libtcp_shaker.so", import.meta.url).pathname;
  for (const path of ["", library]) {
    // Simulated: the module reads `Deno.build.os`.
    const script = `
      const build = { ...Deno.build, os: "android", target: "aarch64-linux-android" };
      Object.defineProperty(Deno, "build", { value: build });
      const { loadLibrary } = await import("${MODULE}");
      if ("${path}" !== "") await loadLibrary("${path}");
      await using checker = await Checker.start({ fallback: "error" });
      const { status, mode } = await checker.checkAddr("${open.target}");
      console.log(status, mode);
    `;
    const { stdout, stderr } = await run(script, ["--allow-ffi"]);
    assertEquals([stdout, stderr], ["up half-open\n", ""]);
  }
});

for (const os of ["darwin", "windows"]) {
  Deno.test(`on ${os} checks are full connects, and need --allow-net alone`, async () => {
    using open = new OpenPort();
    // Simulated: the module reads `Deno.build.os`.
    const script = `
      const build = { ...Deno.build, os: "${os}" };
      Object.defineProperty(Deno, "build", { value: build });
      const { status, mode } = await checkAddr("${open.target}");
      console.log(status, mode);
      for (const options of [{ fallback: "error" }, { engine: "socket" }]) {
        console.log(await Checker.start(options).catch(({ message }) => message));
      }
    `;
    const { stdout, stderr } = await run(script, ["--allow-net"]);
    assertEquals([stdout.split("\n")[0], stderr], ["up full", ""]);
    const message = `Cannot load the native library: half-open checks need Linux, this is ${os}`;
    assertEquals(stdout.split("\n").slice(1), [message, message, ""]);
  });
}

import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { bundleTest, isPacked } from "../../tests/support/bundle.ts";
import { run } from "../../tests/support/command.ts";

Deno.test("the command is installed globally, and runs from anywhere with --allow-ffi alone", async () => {
  const root = await Deno.makeTempDir();
  try {
    const cli = new URL("../mod.ts", import.meta.url).href;
    // In a checkout the configuration says where the library is; a registry writes it into the modules.
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const args = [
      "install",
      "--quiet",
      "--global",
      "--root",
      root,
      "--name",
      "tcp-checker",
      "--allow-ffi",
      "--config",
      config,
      cli,
    ];
    const installed = await run(args, [Deno.execPath()]);
    assertEquals(installed.code, 0, installed.stderr);
    const { code, stdout } = await run(["127.0.0.0/31:1"], ["env", "-C", "/", `${root}/bin/tcp-checker`]);
    assertEquals([code, stdout.match(/ refused /g)?.length], [1, 2]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

bundleTest("the executable of deno task compile has the native library in it", async () => {
  const root = await Deno.makeTempDir();
  try {
    const [program, ...args] = config.tasks.compile.command.replace("target/tcp-checker", `${root}/out`).split(" ");
    assertEquals(program, "deno");
    // Deno puts the files behind a runtime that it downloads. Any other executable does where nobody runs the result.
    const compiled = await run(args, ["env", `DENORT_BIN=${Deno.execPath()}`, Deno.execPath()]);
    assertEquals(compiled.code, 0, compiled.stderr);
    assert(await isPacked(`${root}/out`, Deno.build.target));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

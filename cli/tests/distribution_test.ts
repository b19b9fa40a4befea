import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { bundleTest, isPacked } from "../../tests/support/bundle.ts";
import { run } from "../../tests/support/command.ts";

Deno.test("deno install makes a command that runs from any folder with --allow-ffi alone", async () => {
  const root = await Deno.makeTempDir();
  try {
    const cli = new URL("../mod.ts", import.meta.url).href;
    // In a checkout the configuration resolves the library; a registry writes its address into the modules.
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

bundleTest("deno task compile makes an executable that contains the native library", async () => {
  const root = await Deno.makeTempDir();
  try {
    const [program, ...args] = config.tasks.compile.command.replace("target/tcp-checker", `${root}/out`).split(" ");
    assertEquals(program, "deno");
    // Deno appends the files to a runtime, which it downloads. The test does not run the result, so any executable will do.
    const compiled = await run(args, ["env", `DENORT_BIN=${Deno.execPath()}`, Deno.execPath()]);
    assertEquals(compiled.code, 0, compiled.stderr);
    assert(await isPacked(`${root}/out`, Deno.build.target));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

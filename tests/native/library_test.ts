import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { loadLibrary } from "../../mod.ts";
import { copyModule, installLibrary } from "../support/module_copy.ts";

function check(copy: string): Promise<string> {
  return run(
    copy,
    `
    import { checkAddr } from "./mod.ts";
    console.log(await checkAddr("127.0.0.1:1").then(({ status }) => status, (error) => error.message));
    `,
  );
}

/** Runs a script beside a copy of the module. Returns its output. */
async function run(copy: string, script: string): Promise<string> {
  await Deno.writeTextFile(`${copy}/main.ts`, script);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-ffi", `${copy}/main.ts`],
    stderr: "inherit",
  });
  return new TextDecoder().decode((await command.output()).stdout);
}

Deno.test("a missing library is an error that lists the searched places, and how to build it", async () => {
  const copy = await copyModule();
  const message = await check(copy);
  await Deno.remove(copy, { recursive: true });
  assertStringIncludes(message, `${copy}/target/release/libtcp_shaker.so`);
  assertStringIncludes(message, "No such file or directory");
  assertStringIncludes(message, "deno task build");
});

Deno.test("a library of another version is an error that names both versions", async () => {
  const copy = await copyModule("99.1.2");
  await installLibrary(copy);
  const message = await check(copy);
  await Deno.remove(copy, { recursive: true });
  assertStringIncludes(message, `${copy}/target/release/libtcp_shaker.so: it is version `);
  assertStringIncludes(message, "this module needs 99.1.2");
  assertStringIncludes(message, "deno task build");
});

Deno.test("a file that is not a library is an error that names it", async () => {
  const copy = await copyModule();
  await Deno.mkdir(`${copy}/target/release`, { recursive: true });
  await Deno.writeTextFile(`${copy}/target/release/libtcp_shaker.so`, "not a library");
  const message = await check(copy);
  await Deno.remove(copy, { recursive: true });
  assertStringIncludes(message, "file too short");
});

Deno.test("a path may contain spaces and other special characters", async () => {
  const parent = await Deno.makeTempDir();
  const copy = `${parent}/a b%20ü#?`;
  await Deno.rename(await copyModule(), copy);
  await installLibrary(copy);
  const status = await check(copy);
  await Deno.remove(parent, { recursive: true });
  assertEquals(status, "refused\n");
});

Deno.test("a failed load does not fail a concurrent load of another library", async () => {
  const copy = await copyModule();
  await installLibrary(copy);
  const printed = await run(
    copy,
    `
    import { loadLibrary } from "./mod.ts";
    const library = ${JSON.stringify(`${copy}/target/release/libtcp_shaker.so`)};
    const calls = [loadLibrary("/nowhere"), loadLibrary(library), loadLibrary(library), loadLibrary("/nowhere"), loadLibrary()];
    for (const { status, reason } of await Promise.allSettled(calls)) console.log(reason?.message.split("\\n")[0] ?? status);
    `,
  );
  await Deno.remove(copy, { recursive: true });
  const [first, second, third, fourth, fifth] = printed.trimEnd().split("\n");
  assertStringIncludes(first, "Cannot load the native library");
  assertEquals([second, third, fifth], ["fulfilled", "fulfilled", "fulfilled"]);
  assertStringIncludes(fourth, "Cannot load /nowhere: the library is already loaded");
});

Deno.test("loadLibrary() rejects a value that is not a path", async () => {
  for (const wrong of ["", 3, null]) {
    await assertRejects(() => loadLibrary(wrong as string), TypeError, "path must be a path or a file: URL");
  }
});

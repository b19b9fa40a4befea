import { assertEquals, assertStringIncludes } from "@std/assert";
import { copyModule, installLibrary } from "./support/module_copy.ts";

/** Builds the library that can be told to panic, which users don't have. */
async function buildFaultyLibrary(): Promise<string> {
  const target = "target/faults";
  const { success, stderr } = await new Deno.Command("cargo", {
    args: ["build", "--locked", "--quiet", "--package", "tcp_shaker", "--features", "faults", "--target-dir", target],
    cwd: new URL("..", import.meta.url),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return `${target}/debug/libtcp_shaker.so`;
}

Deno.test("a panic of the engine fails its checks and its loop, and the process lives on", async () => {
  const copy = await copyModule();
  await installLibrary(copy, await buildFaultyLibrary());
  await Deno.writeTextFile(
    `${copy}/main.ts`,
    `
    import { Checker } from "./mod.ts";

    const library = new URL("./target/release/libtcp_shaker.so", import.meta.url).pathname;
    const { symbols } = Deno.dlopen(library, { shaker_fault: { parameters: ["u32"], result: "i32" } });
    const told = (error: Error) => error.message;

    // A port behind which nobody answers: its queue is full.
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
    const { hostname, port } = listener.addr;
    for (let i = 0; i < 2; i++) await Deno.connect({ hostname, port });

    const checker = new Checker();
    // Handles are counted up, and an engine's is not the only kind.
    let handle = 0;
    for (let round = 0; round < 2; round++) {
      const loop = checker.checkingLoop().catch(told);
      await checker.waitReady();
      const pending = checker.checkAddr({ hostname, port }, 60_000).catch(told);
      while (symbols.shaker_fault(++handle) !== 0);
      console.log(await pending);
      console.log(await loop, checker.isReady);
      console.log(await checker.checkAddr({ hostname, port }).catch((error) => error.name));
    }
    Deno.exit(0);
  `,
  );
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-ffi", "--allow-net=127.0.0.1", `${copy}/main.ts`],
  });
  const output = await command.output();
  await Deno.remove(copy, { recursive: true });
  const error = "Cannot run the native engine: it panicked, please report what it printed";
  const round = `${error}\n${error} false\nCheckerNotRunningError\n`;
  assertEquals(new TextDecoder().decode(output.stdout), round + round);
  assertStringIncludes(new TextDecoder().decode(output.stderr), "panicked at");
  assertEquals(output.code, 0);
});

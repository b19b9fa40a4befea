/** Deno's permission prompt when a program runs without `--allow-ffi` on a terminal. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { bundleTest } from "../support/bundle.ts";
import { closedPort } from "../support/listener.ts";
import { Registry } from "../support/package.ts";
import { Terminal } from "../support/terminal.ts";

/** Runs the published command without the permission, and answers the prompt. */
async function answering(key: string): Promise<{ code: number; questions: string[]; screen: string }> {
  await using registry = await Registry.open();
  const cache = await Deno.makeTempDir();
  try {
    const command = [Deno.execPath(), "run", "--quiet", `--allow-import=${registry.host}`, registry.url("cli/mod.ts")];
    using terminal = new Terminal([closedPort()], { command, env: { DENO_DIR: cache, NO_COLOR: "1" }, columns: 200 });
    await terminal.until(/Allow\?/);
    // Deno discards input until none was typed for 0.1 s, and doesn't show when it is ready.
    const typing = setInterval(() => terminal.type(`${key}\n`).catch(() => {}), 300);
    await terminal.until(/Granted|Denied/).finally(() => clearInterval(typing));
    const code = await terminal.ended();
    return { code, questions: terminal.raw.match(/Deno requests .*\./g) ?? [], screen: terminal.text };
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

bundleTest("without --allow-ffi Deno prompts once, and yes is enough", async () => {
  const { code, questions, screen } = await answering("y");
  assertEquals([code, questions], [1, ["Deno requests ffi access."]]);
  assertStringIncludes(screen, " refused ");
});

bundleTest("without --allow-ffi Deno prompts once, and no is an error that names the flag", async () => {
  const { code, questions, screen } = await answering("n");
  assertEquals([code, questions], [4, ["Deno requests ffi access."]]);
  assertStringIncludes(screen, "tcp-checker: Requires ffi access, run again with the --allow-ffi flag");
});

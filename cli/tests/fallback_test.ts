/** The command without half-open checks: a copy of the module without the native library. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run } from "../../tests/support/command.ts";
import { CommandProcess } from "../../tests/support/command_process.ts";
import { OpenPort } from "../../tests/support/listener.ts";
import { copyModule } from "../../tests/support/module_copy.ts";
import { Terminal } from "../../tests/support/terminal.ts";

const WARNING = "tcp-checker: Half-open checks are not possible here: using full connects, which applications " +
  "see (add --fallback error to fail instead)\n";

/** Registers a test of a copy of the module without the native library. */
function bareTest(name: string, fn: (command: string[]) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await copyModule();
    try {
      await Deno.mkdir(`${folder}/cli/tests/scripts`, { recursive: true });
      await Deno.copyFile(new URL("scripts/runs.ts", import.meta.url), `${folder}/cli/tests/scripts/runs.ts`);
      await fn([Deno.execPath(), "run", "--no-prompt", "--allow-ffi", "--allow-net", `${folder}/cli/mod.ts`]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

bareTest("tcp-checker makes no full connects on Linux without --fallback connect", async (command) => {
  await using process = new CommandProcess(command);
  for (const args of [[], ["--fallback", "error"], ["--engine", "socket"], ["--engine", "auto"], ["wait"], ["watch"]]) {
    const { code, stdout, stderr } = await process.run([...args, "127.0.0.1:1"]);
    assertEquals([code, stdout], [4, ""], args.join(" "));
    assertStringIncludes(stderr, "Cannot load the native library");
  }
});

bareTest("tcp-checker --fallback connect marks full connects in every format, and warns once", async (command) => {
  using open = new OpenPort();
  const { target } = open;
  const outputs: [args: string[], stdout: RegExp, summary?: RegExp][] = [
    [[target], new RegExp(`^${target}  up  \\d+\\.\\d{3} ms  full connect\n$`)],
    [["-n", "3", target], /\n {2}Full connects: 3\n$/],
    [["-q", target], /^$/],
    [["--nagios", target], /^TCP OK - 1\/1 up, 1 by full connects \| /],
    [["--json", target], /"mode":"full","engine":"connect"/],
    [["--csv", target], /,full,connect,/],
    [["--explain", target], /by a full connect/],
    [["-i", "1ms", "-n", "2", target], /full connect\n.*full connect\n/],
    [["watch", "-i", "500ms", "-n", "2", target], / up .* full connect\n/],
    [["wait", target], / up .* full connect\n/],
    [["scan", target], / up .* full connect\n/, /^Finished 1\/1 checks in .*: up 1, full connects 1\n$/],
  ];
  await using process = new CommandProcess(command);
  for (const [args, expected, summary = /^$/] of outputs) {
    const { code, stdout, stderr } = await process.run(["--fallback", "connect", ...args]);
    assertMatch(stdout, expected, args.join(" "));
    // The warning comes once, not once per check.
    assertEquals([code, stderr.slice(0, WARNING.length)], [0, WARNING], args.join(" "));
    assertMatch(stderr.slice(WARNING.length), summary, args.join(" "));
  }
  using terminal = new Terminal(["watch", "--fallback", "connect", target], { command });
  await terminal.until(new RegExp(`^${target} +up .+ ms, full connect `, "m"));
  await terminal.type("q");
  assertEquals(await terminal.ended(), 0);
  assertMatch(terminal.text, /Half-open checks are not possible here/);
});

Deno.test("tcp-checker --engine connect makes full connects without a warning", async () => {
  using open = new OpenPort();
  const command = [Deno.execPath(), "run", "--no-prompt", "--allow-net", "cli/mod.ts"];
  const { code, stderr } = await run(["--engine", "connect", open.target], command);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("tcp-checker rejects --fallback connect with --engine socket or raw", async () => {
  for (const engine of ["socket", "raw"]) {
    const { code, stderr } = await run(["--engine", engine, "--fallback", "connect", "127.0.0.1:1"]);
    assertEquals(code, 3);
    assertStringIncludes(stderr, `--fallback connect does not work with --engine ${engine}`);
  }
});

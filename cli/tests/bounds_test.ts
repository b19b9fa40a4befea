/** Limits of lines and of quoted text, and the exit status of internal errors. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMAND, commandWith, run } from "../../tests/support/command.ts";
import { CommandProcess } from "../../tests/support/command_process.ts";
import { OpenPort } from "../../tests/support/listener.ts";
import { MAX_LINE } from "../lib/targets/lines.ts";

Deno.test("tcp-checker skips a line that is too long, and checks the others", async (t) => {
  using open = new OpenPort();
  const endings = { LF: "\n", CRLF: "\r\n", CR: "\r" };
  for (const [name, ending] of Object.entries(endings)) {
    await t.step(name, async () => {
      const long = "1".repeat(5 * MAX_LINE);
      const lines = [open.target, long, open.target, `${" ".repeat(2 * MAX_LINE)}${open.target}`, open.target, long];
      const { code, stdout, stderr } = await run(["-"], COMMAND, lines.join(ending));
      const reason = `the line has more than ${MAX_LINE} characters: split it; skipped`;
      const skipped = (number: number, start: string) => `stdin:${number}: Cannot check "${start}"...: ${reason}`;
      const ones = "1".repeat(40);
      assertEquals(stderr.split("\n"), [skipped(2, ones), skipped(4, ""), skipped(6, ones), ""]);
      assertEquals([code, stdout.match(/ up /g)?.length], [3, 3]);
    });
  }
});

Deno.test("tcp-checker accepts comments of any length, and lines up to the bound", async () => {
  using open = new OpenPort();
  const comment = `# ${"x".repeat(2 * MAX_LINE)}`;
  const text = `${comment}\n${open.target} ${comment}\n${open.target.padEnd(MAX_LINE)}\n`;
  const { code, stdout, stderr } = await run(["-"], COMMAND, text);
  assertEquals([code, stdout.match(/ up /g)?.length, stderr], [0, 2, ""]);
});

Deno.test("tcp-checker shortens malformed text in messages", async (t) => {
  const long = (character: string) => character.repeat(100_000);
  const malformed = [
    `localhost:${long("x")}`,
    `localhost:${long("9")}`,
    `localhost:9-${long("8")}`,
    `localhost:${long("0")}80`,
    `localhost:${long("0")}9-8`,
    `127.0.0.1/${long("9")}:80`,
    `[::1]:${long("1,")}`,
    `[${long(":")}]:80`,
    `${long("a")}:80`,
    `${long("a.")}:80`,
    `${long("ä")}:80`,
    `${long("a:")}80`,
    `http://${long("a")}:80`,
    `${long("a")} 80`,
    long("a"),
    long("wait "),
  ];
  const file = await Deno.makeTempFile();
  await using process = new CommandProcess(commandWith("--allow-read"));
  for (const text of malformed) {
    await t.step(`${text.slice(0, 16)}...`, async () => {
      await Deno.writeTextFile(file, text);
      const { code, stdout, stderr } = await process.run([`--ports=80`, "-f", file]);
      assertMatch(stderr, /^\S+:1: Cannot check ".+; skipped\n$/);
      assert(stderr.length < 500, stderr.slice(0, 500));
      assertEquals([code, stdout], [3, ""]);
    });
  }
  await Deno.remove(file);
  for (const args of [[`--${long("x")}`], [`-n=${long("x")}`], ["-f", long("x")], [`--verbose=${long("x")}`, "x:1"]]) {
    await t.step(`${args.join(" ").slice(0, 16)}...`, async () => {
      const { code, stderr } = await process.run(args);
      assert(stderr.startsWith("tcp-checker: ") && stderr.length < 500, stderr.slice(0, 500));
      assertEquals(code, 3);
    });
  }
});

Deno.test("tcp-checker -v shortens the list of targets", async () => {
  const ports = Array.from({ length: 10_000 }, () => "1").join();
  const { code, stderr } = await run(["-v", "-q", `127.0.0.1:${ports}`, "127.0.0.1:1"]);
  assertMatch(stderr, /^Checking 127\.0\.0\.1:[1,]+\.\.\. \(20022 characters\) with the following configurations:\n/);
  assert(stderr.length < 2000, stderr.slice(0, 2000));
  assertEquals(code, 1);
});

for (const failure of ['throw new Error("by accident")', 'Promise.reject(new Error("by accident"))']) {
  Deno.test(`an uncaught error ends the command with status 4: ${failure}`, async () => {
    const preload = await Deno.makeTempFile({ suffix: ".js" });
    try {
      // The error is thrown during a run, by code whose promise is not awaited.
      const code = `const listen = Deno.addSignalListener;
        Deno.addSignalListener = (...args) => (listen(...args), setTimeout(() => { ${failure}; }));`;
      await Deno.writeTextFile(preload, code);
      const command = commandWith(`--preload=${preload}`);
      const args = ["-i", "1ms", "-q", "127.0.0.1:1"];
      assertEquals(await run(args, command), { code: 4, stdout: "", stderr: "tcp-checker: by accident\n" });
      const plugin = await run(["--nagios", "127.0.0.1:1", "-"], command, "127.0.0.1:1\n".repeat(10_000));
      assertEquals(plugin, { code: 3, stdout: "TCP UNKNOWN - by accident\n", stderr: "" });
    } finally {
      await Deno.remove(preload);
    }
  });
}

Deno.test("a read error in the middle of a file ends the command with status 4", async () => {
  const fromFolder = ["sh", "-c", 'exec "$@" < /', "sh", ...COMMAND];
  const { code, stdout, stderr } = await run(["-"], fromFolder);
  assertEquals([code, stdout], [4, ""]);
  assertMatch(stderr, /^tcp-checker: Cannot read stdin after line 0: Is a directory.*\n$/);
  const plugin = await run(["--nagios", "-"], fromFolder);
  assertEquals([plugin.code, plugin.stderr], [3, ""]);
  assertMatch(plugin.stdout, /^TCP UNKNOWN - Cannot read stdin after line 0: Is a directory.*\n$/);
});

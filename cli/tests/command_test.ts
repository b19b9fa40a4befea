import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { COMMAND, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";
import { SilentPort } from "../../tests/support/silence.ts";

Deno.test("tcp-checker prints the round-trip time of a target that is up", async () => {
  using open = new OpenPort();
  const { code, stdout, stderr } = await run([open.target]);
  assertMatch(stdout, new RegExp(`^${open.target}  up  \\d+\\.\\d{3} ms\n$`));
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("tcp-checker prints the error code of a target that is refused", async () => {
  const closed = closedPort();
  const { code, stdout, stderr } = await run([closed]);
  assertEquals(stdout, `${closed}  refused  ECONNREFUSED\n`);
  assertEquals([code, stderr], [1, ""]);
});

Deno.test("tcp-checker prints the number of retransmits of a timeout", async () => {
  using silent = await SilentPort.open();
  const { code, stdout } = await run(["-t", "1500", silent.target]);
  // A single check of this host sends a SYN on the caller's thread, and the engine sends another: two SYNs in 0.9 s.
  assertEquals(stdout, `${silent.target}  timeout  no answer, 2 retransmits\n`);
  assertEquals(code, 1);
});

Deno.test("tcp-checker aligns its lines, and prints them in the order of the targets", async () => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  using open6 = new OpenPort("::1");
  const closed = closedPort();
  const targets = [silent.target, open6.target, closed, open.target, closed];
  const { code, stdout } = await run(["-t", "300", ...targets]);
  const width = Math.max(...targets.map((target) => target.length));
  const starts = stdout.trimEnd().split("\n").map((line) => line.slice(0, width + 2 + "unreachable".length + 2));
  const statuses = ["timeout", "up", "refused", "up", "refused"];
  assertEquals(starts, targets.map((target, i) => `${target.padEnd(width)}  ${statuses[i].padEnd(11)}  `));
  assertEquals(code, 1);
});

Deno.test("tcp-checker checks an IPv6 address in any notation, and prints it as written", async () => {
  using open = new OpenPort("::1");
  const target = `[0:0::0:1]:${open.port}`;
  const { code, stdout } = await run([target]);
  assert(stdout.startsWith(`${target}  up  `), stdout);
  assertEquals(code, 0);
});

Deno.test("tcp-checker prints the address of a name", async () => {
  using open = new OpenPort();
  const target = `localhost:${open.port}`;
  const { code, stdout } = await run([target]);
  assertMatch(stdout, new RegExp(`^${target}  up  \\d+\\.\\d{3} ms  127\\.0\\.0\\.1\n$`));
  assertEquals(code, 0);
});

namespaceTest("tcp-checker prints the error code of a name that can't be resolved", async () => {
  // A new network namespace has no name server.
  const command = [...UNSHARE, ...COMMAND];
  const line = await run(["nowhere.invalid:80"], command);
  assertMatch(line.stdout, /^nowhere\.invalid:80 {2}unresolved {2}EAI_[A-Z]+\n$/);
  assertEquals(line.code, 2);
  const summary = await run(["-a", "nowhere.invalid:80"], command);
  assertStringIncludes(summary.stdout, "  Errors: refused 0, unreachable 0, timeout 0, other 1\n");
  assertEquals(summary.code, 2);
});

Deno.test("tcp-checker -a prints tcp-shaker's summary", async () => {
  using open = new OpenPort();
  const { code, stdout, stderr } = await run(["-a", open.target, "-t", "1000", "-n", "10", "-c", "3"]);
  assertMatch(
    stdout,
    /^Finished 10\/10 checks in \d+(?:\.\d+)?m?s\n {2}Succeed: 10\n {2}Errors: refused 0, unreachable 0, timeout 0, other 0\n$/,
  );
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("tcp-checker -n prints one summary of all targets", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const { code, stdout } = await run(["-n", "3", "-c", "9", "-t", "300", open.target, silent.target, closedPort()]);
  assertMatch(
    stdout,
    /^Finished 9\/9 checks in .+\n {2}Succeed: 3\n {2}Errors: refused 3, unreachable 0, timeout 3, other 0\n$/,
  );
  assertEquals(code, 1);
});

Deno.test("tcp-checker -v prints the configuration and each failed check to stderr", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const closed = closedPort();
  // Options in the syntax of Go's flag package.
  const { code, stdout, stderr } = await run(["-v", "-n=2", "-t=300", `-a=${open.target}`, silent.target, closed]);
  assertEquals(
    stderr,
    `Checking ${open.target}, ${silent.target}, ${closed} with the following configurations:
    Timeout: 300ms
   Requests: 2
Concurrency: 1
     Engine: socket

${`${silent.target}  timeout  no answer, 1 retransmit\n${closed}  refused  ECONNREFUSED\n`.repeat(2)}`,
  );
  assert(stdout.startsWith("Finished 6/6 checks"), stdout);
  assertEquals(code, 1);
});

Deno.test("tcp-checker --version prints the version of the package", async () => {
  assertEquals(await run(["--version"]), { code: 0, stdout: `tcp-checker ${config.version}\n`, stderr: "" });
});

Deno.test("tcp-checker prints each result when it arrives, and ends at once on SIGINT", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const command = new RunningCommand(["-t", "600000", open.target, silent.target]);
  const line = await command.stdout.until(/\n/);
  assert(line.startsWith(`${open.target}  up `), line);
  command.kill("SIGINT");
  assertEquals(await command.ended(), { code: 130, stdout: line, stderr: "" });
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`tcp-checker prints the summary so far on ${signal}`, async () => {
    using silent = await SilentPort.open();
    const closed = closedPort();
    const command = new RunningCommand(["-v", "-t", "600000", "-n", "2", "-c", "2", closed, silent.target]);
    // Both checks of the closed port are done; the checks of the silent port stay pending.
    await command.stderr.until(/refused[^]+refused/);
    command.kill(signal);
    const { code, stdout } = await command.ended();
    assertMatch(
      stdout,
      /^Finished 2\/4 checks in .+\n {2}Succeed: 0\n {2}Errors: refused 2, unreachable 0, timeout 0, other 0\n$/,
    );
    assertEquals(code, status);
  });
}

Deno.test("tcp-checker ends at once on SIGINT while it reads targets from a pipe", async () => {
  for (const mode of [[], ["-n", "2"], ["-i", "1"], ["scan"], ["watch"], ["wait"]]) {
    const folder = await Deno.makeTempDir();
    try {
      // A pipe that delivers one line and stays open.
      const script = 'mkfifo "$0"; exec <>"$0"; echo malformed >&0; exec "$@"';
      const command = new RunningCommand([...mode, "-"], ["sh", "-euc", script, `${folder}/pipe`, ...COMMAND]);
      await command.stderr.until(/skipped/);
      command.kill("SIGINT");
      assertEquals((await command.ended()).code, 130, mode.join());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
});

Deno.test("tcp-checker -c limits the checks in flight", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const command = new RunningCommand(["-c", "1", "-t", "600000", open.target, silent.target, open.target]);
  const line = await command.stdout.until(/\n/);
  command.kill("SIGINT");
  // A third check in flight would have ended, and its line would be printed.
  assertEquals(await command.ended(), { code: 130, stdout: line, stderr: "" });
});

Deno.test("ReorderBuffer prints lines in order, and skips a gap when it is full", async () => {
  const printed = async (bound: string, numbers: number[], end: boolean) => {
    const code = `
      import { ReorderBuffer } from "./cli/lib/reports/reorder_buffer.ts";
      const buffer = new ReorderBuffer(${bound});
      for (const number of ${JSON.stringify(numbers)}) buffer.put(number, String(number));
      if (${end}) buffer.end();
    `;
    const { stdout } = await run([], [Deno.execPath(), "eval", code]);
    return stdout.split("\n").slice(0, -1).map(Number);
  };
  assertEquals(await printed("", [3, 0, 1], false), [0, 1]);
  // end() prints all buffered lines.
  assertEquals(await printed("", [3, 0, 5, 1], true), [0, 1, 3, 5]);
  // The third line that waits for line 0 fills the buffer. The lines are printed without line 0, which follows later.
  assertEquals(await printed("2", [2, 1, 4, 3, 0, 5], false), [1, 2, 3, 4, 0, 5]);
});

Deno.test("tcp-checker ends with status 141, and no message, when its reader closes stdout", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  using other = await SilentPort.open();
  const command = new RunningCommand(["-t", "600000", open.target, silent.target, other.target]);
  const line = await command.stdout.until(/\n/);
  await command.stdout.close();
  await silent.speak();
  assertEquals(await command.ended(), { code: 141, stdout: line, stderr: "" });
});

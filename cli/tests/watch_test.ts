/** `tcp-checker watch` without a terminal, and its verdicts. */

import { assertEquals, assertMatch } from "@std/assert";
import { RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { run } from "../../tests/support/shared_command.ts";

Deno.test("tcp-checker watch prints one line per change of status without a terminal", async () => {
  const open = new OpenPort();
  const { target } = open;
  // On a busy machine a check may take longer than the interval; that is a timeout, which is another change.
  const command = new RunningCommand(["watch", "-i", "1s", target]);
  await command.stdout.until(/ up /);
  open[Symbol.dispose]();
  await command.stdout.until(/ refused /);
  command.kill("SIGTERM");
  const { code, stdout, stderr } = await command.ended();
  const time = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]{12}Z";
  assertMatch(
    stdout,
    new RegExp(`^${time}  ${target}  up  \\d+\\.\\d{3} ms\n${time}  ${target}  refused  ECONNREFUSED\n$`),
  );
  assertEquals([code, stderr], [143, ""]);
});

Deno.test("tcp-checker watch -n makes N checks of each target, and has the exit status of the verdicts", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  const ended = async (...args: string[]) => await run(["watch", "-i", "100ms", ...args]);
  assertEquals((await ended("-n", "2", open.target)).code, 0);
  assertEquals((await ended("-n", "2", open.target, closed)).code, 1);
  assertEquals((await ended("-n", "2", "--min-up", "1", open.target, closed)).code, 0);
  assertEquals((await ended("-n", "4", "--fall", "4", closed)).code, 1);
});

Deno.test("tcp-checker watch --fall counts a target as up until enough checks have failed", async () => {
  const cases = [["2", 1], ["1000", 0]] as const;
  await Promise.all(cases.map(async ([fall, expected]) => {
    const open = new OpenPort();
    // The port is closed before the last two checks, also on a busy machine.
    const command = new RunningCommand(["watch", "-i", "400ms", "-n", "10", "--fall", fall, open.target]);
    await command.stdout.until(/ up /);
    open[Symbol.dispose]();
    const { code, stdout } = await command.ended();
    assertMatch(stdout, / refused /);
    assertEquals(code, expected, fall);
  }));
});

Deno.test("tcp-checker watch rejects a target that is given twice, and a timeout above its interval", async () => {
  const { code, stdout, stderr } = await run(["watch", "127.0.0.1:1", "localhost:1", "127.0.0.0/30:1"]);
  assertEquals([code, stdout], [3, ""]);
  assertEquals(stderr, 'tcp-checker: Target "127.0.0.1:1" is given more than once: give each target once\n');
  const long = await run(["watch", "-t", "2s", "127.0.0.1:1"]);
  assertEquals(long.code, 3);
  assertMatch(
    long.stderr,
    /^tcp-checker: --timeout 2s is longer than the interval, 1s: lower it, or raise --interval\n$/,
  );
});

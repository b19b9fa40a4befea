/** Rounds of checks that take longer than the interval. */

import { assertEquals, assertMatch } from "@std/assert";
import { proves } from "../../tests/support/evidence.ts";
import { run, RunningCommand } from "../../tests/support/command.ts";
import { OpenPort } from "../../tests/support/listener.ts";
import { SilentPort } from "../../tests/support/silence.ts";

interface Line {
  readonly type: string;
  readonly target: string;
  readonly round?: number;
  readonly status?: string;
  readonly sent?: number;
}

Deno.test("tcp-checker -i prints the results of a target in the order of its rounds, even if the timeout exceeds the interval", async (t) => {
  using silent = await SilentPort.open();
  const args = ["--json", "-i", "10ms", "-t", "400ms", "-n", "30", silent.target];
  const command = new RunningCommand(args);
  await command.stdout.until(/"timeout"/);
  await silent.speak();
  const { code, stdout } = await command.ended();
  const results = parse(stdout).filter(({ type }) => type === "result");
  assertEquals(results.map(({ round }) => round), range(30));
  // The target recovers once: no older result follows the first answer.
  const firstUp = results.findIndex(({ status }) => status === "up");
  assertEquals(results.slice(firstUp).filter(({ status }) => status !== "up"), []);
  assertEquals(code, 0);
  proves(t, "verdicts", `a port that recovers, checked each 10 ms with a timeout of 400 ms: it came up once`);
});

Deno.test("tcp-checker watch prints one line for a port that recovers, and ends with its last round", async () => {
  using silent = await SilentPort.open();
  const command = new RunningCommand(["watch", "-i", "100ms", "-n", "30", silent.target]);
  await command.stdout.until(/ timeout /);
  await silent.speak();
  const { code, stdout } = await command.ended();
  assertMatch(stdout, /^\S+ {2}\S+ {2}timeout {2}.+\n\S+ {2}\S+ {2}up {2}.+\n$/);
  assertEquals(code, 0);
});

Deno.test("tcp-checker -n N makes N checks of each target, however long a check takes", async () => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  const { code, stdout } = await run(["--json", "-i", "1ms", "-t", "100ms", "-n", "4", silent.target, open.target]);
  for (const target of [silent.target, open.target]) {
    const lines = parse(stdout).filter((line) => line.target === target);
    assertEquals(lines.flatMap(({ round }) => round ?? []), range(4));
    assertEquals(lines.at(-1)?.sent, 4);
  }
  assertEquals(code, 1);
});

Deno.test("tcp-checker -i checks other targets while one is silent", async () => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  const command = new RunningCommand(["-i", "1ms", "-t", "1h", silent.target, open.target]);
  await command.stdout.until(/^\[9\] /m);
  command.kill("SIGINT");
  const { code, stdout } = await command.ended();
  assertMatch(stdout, new RegExp(`^--- ${silent.target} statistics ---\n0 sent, 0 up, 0% loss$`, "m"));
  assertEquals(code, 130);
});

function parse(stdout: string): Line[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

function range(end: number): number[] {
  return Array.from({ length: end }, (_, i) => i + 1);
}

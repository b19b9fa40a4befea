import { assert, assertEquals, assertMatch } from "@std/assert";
import { commandWith, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";
import { SilentPort } from "../../tests/support/silence.ts";

Deno.test("tcp-checker wait ends when all targets are up, and prints one line per change", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const command = new RunningCommand(["wait", "-t", "50", "-i", "1", open.target, silent.target]);
  await command.stdout.until(/ timeout /);
  await silent.speak();
  const { code, stdout, stderr } = await command.ended();
  assertEquals(stdout.match(/ (up|timeout) /g)!.sort(), [" timeout ", " up ", " up "]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("tcp-checker wait --any ends when one target is up, or several at once", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const { code } = await run([
    "wait",
    "--any",
    "--deadline",
    "1h",
    "-t",
    "1h",
    silent.target,
    ...Array(9).fill(open.target),
  ]);
  assertEquals(code, 0);
});

Deno.test("tcp-checker wait --expect down ends when the target is closed", async () => {
  const open = new OpenPort();
  const { target } = open;
  const command = new RunningCommand(["wait", "--expect", "down", "-i", "1", target]);
  await command.stdout.until(/ up /);
  open[Symbol.dispose]();
  const { code, stdout } = await command.ended();
  assertMatch(stdout, /^\S+ {2}up {2}.+\n\S+ {2}refused {2}ECONNREFUSED\n$/);
  assertEquals(code, 0);
});

namespaceTest("tcp-checker wait --expect down does not count a resolver failure as down", async () => {
  const args = ["wait", "--expect", "down", "--deadline", "2s", "-t", "1s", "nowhere.invalid:80"];
  const { code, stdout } = await run(args, [...UNSHARE, ...commandWith()]);
  assertMatch(stdout, /EAI_AGAIN|resolve/);
  assert(code === 1 || code === 2, String(code));
});

Deno.test("tcp-checker wait gives up at the deadline, not before, and names the targets", async () => {
  const closed = closedPort();
  using silent = await SilentPort.open();
  const startedAt = performance.now();
  const args = ["wait", "--deadline", "1500ms", "-i", "10", "-t", "1h", closed, silent.target];
  const { code, stdout, stderr } = await run(args);
  assert(performance.now() - startedAt >= 1500);
  assertMatch(stdout, new RegExp(`^${closed} +refused +ECONNREFUSED\n$`));
  assertEquals(stderr, `tcp-checker: Gave up after 1.5s, not up: ${closed}, ${silent.target}\n`);
  assertEquals(code, 1);
});

Deno.test("tcp-checker wait exits with 2 for a name without an address", async () => {
  // With -4 an IPv6 address counts as a name without addresses.
  const { code } = await run(["wait", "-q", "-4", "--deadline", "2s", "-i", "10", "[::1]:80"]);
  assertEquals(code, 2);
});

Deno.test("tcp-checker wait runs the program, and returns its exit status", async () => {
  using open = new OpenPort();
  const mayRun = commandWith("--allow-run");
  const program = ["sh", "-c", 'echo "ran $1"; exit 7', "sh", "--json"];
  const { code, stdout } = await run(["wait", "-q", open.target, "--", ...program], mayRun);
  assertEquals([code, stdout], [7, "ran --json\n"]);
  const missing = await run(["wait", "-q", open.target, "--", "nowhere"], mayRun);
  assertMatch(missing.stderr, /^tcp-checker: Cannot run "nowhere": /);
  assertEquals(missing.code, 127);
});

Deno.test("tcp-checker wait does not run the program after the deadline", async () => {
  const args = ["wait", "-q", "--deadline", "50ms", closedPort(), "--", "sh", "-c", "echo ran"];
  assertEquals(await run(args, commandWith("--allow-run=sh")), { code: 1, stdout: "", stderr: "" });
});

Deno.test("tcp-checker wait does not run the program if a line is malformed", async () => {
  using open = new OpenPort();
  const args = ["wait", "-q", "-f", "-", "--", "echo", "ran"];
  const { code, stdout, stderr } = await run(args, commandWith("--allow-run=echo"), `${open.target}\nbad line\n`);
  assertEquals([code, stdout], [3, ""]);
  assertMatch(stderr, /skipped\n.*Did not run "echo ran": correct the malformed lines\n$/);
});

Deno.test("tcp-checker wait forwards every signal to the program", async () => {
  using open = new OpenPort();
  const traps = ["INT", "HUP", "QUIT", "USR1", "USR2"].map((name) => `trap 'echo ${name}' ${name};`).join(" ");
  const script = `${traps} trap 'echo TERM; exit 9' TERM; echo ready; while :; do sleep 0.02; done`;
  const program = new RunningCommand(
    ["wait", "-q", open.target, "--", "sh", "-c", script],
    commandWith("--allow-run=sh"),
  );
  await program.stdout.until(/ready/);
  const sent = ["INT", "HUP", "QUIT", "USR1", "USR2", "INT", "HUP", "TERM"];
  for (const [i, name] of sent.entries()) {
    program.kill(`SIG${name}` as Deno.Signal);
    await program.stdout.until(new RegExp(`ready\n(\\w+\n){${i + 1}}`));
  }
  const { stderr, ...ended } = await program.ended();
  assertEquals(ended, { code: 9, stdout: `ready\n${sent.join("\n")}\n` });
  // On SIGUSR1 Deno also starts its debugger. If the process still runs, it prints that, or that another test has the
  // port.
  assertEquals(stderr.replace(/^Debugger listening on .*\nVisit chrome:.*\n|^Failed to start inspector .*\n/, ""), "");
});

Deno.test("tcp-checker wait ends with the program after SIGTERM", async () => {
  using open = new OpenPort();
  const script = "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
  const program = new RunningCommand(
    ["wait", "-q", open.target, "--", "sh", "-c", script],
    commandWith("--allow-run=sh"),
  );
  await program.stdout.until(/ready/);
  program.kill("SIGTERM");
  assertEquals(await program.ended(), { code: 9, stdout: "ready\ntold\n", stderr: "" });
});

Deno.test("tcp-checker wait --rate limits the checks per second", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  // The check of the second target would start after a quarter of an hour.
  const { code, stdout } = await run(["wait", "--rate", "0.001", "--deadline", "1500ms", closed, open.target]);
  assertMatch(stdout, new RegExp(`^${closed} +refused +ECONNREFUSED\n$`));
  assertEquals(code, 1);
});

Deno.test("tcp-checker wait ends at once on a signal", async () => {
  using silent = await SilentPort.open();
  const closed = closedPort();
  const command = new RunningCommand(["wait", "--deadline", "1h", "-t", "1h", "-i", "1h", silent.target, closed]);
  await command.stdout.until(/refused/);
  command.kill("SIGINT");
  assertEquals((await command.ended()).code, 130);
});

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { COMMAND, run, RunningCommand } from "./support/command.ts";
import { proves } from "./support/evidence.ts";
import { closedPort, OpenPort } from "./support/listener.ts";
import { namespaceTest, UNSHARE } from "./support/namespace.ts";
import { SilentPort } from "./support/silence.ts";

Deno.test("tcp-checker prints the round trip time of a target that is up", async () => {
  using open = new OpenPort();
  const { code, stdout, stderr } = await run([open.target]);
  assertMatch(stdout, new RegExp(`^${open.target}  up  \\d+\\.\\d{3} ms\n$`));
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("tcp-checker prints the cause for a target that is not", async () => {
  const closed = closedPort();
  const { code, stdout, stderr } = await run([closed]);
  assertEquals(stdout, `${closed}  refused  ECONNREFUSED\n`);
  assertEquals([code, stderr], [1, ""]);
});

Deno.test("tcp-checker prints how often it asked a target that is silent", async () => {
  using silent = await SilentPort.open();
  const { code, stdout } = await run(["-t", "1500", silent.target]);
  assertEquals(stdout, `${silent.target}  timeout  connect, 1 retransmit\n`);
  assertEquals(code, 1);
});

Deno.test("tcp-checker aligns the lines, and keeps them in the order of the targets", async () => {
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

Deno.test("tcp-checker reaches IPv6 addresses, however they are written", async () => {
  using open = new OpenPort("::1");
  const target = `[0:0::0:1]:${open.port}`;
  const { code, stdout } = await run([target]);
  assert(stdout.startsWith(`${target}  up  `), stdout);
  assertEquals(code, 0);
});

Deno.test("tcp-checker says which address of a name it is about", async () => {
  using open = new OpenPort();
  const target = `localhost:${open.port}`;
  const { code, stdout } = await run([target]);
  assertMatch(stdout, new RegExp(`^${target}  up  \\d+\\.\\d{3} ms  127\\.0\\.0\\.1\n$`));
  assertEquals(code, 0);
});

namespaceTest("tcp-checker says why a name has no address", async () => {
  // In a network of its own, where no name server can be reached.
  const command = [...UNSHARE, ...COMMAND];
  const line = await run(["nowhere.invalid:80"], command);
  assertMatch(line.stdout, /^nowhere\.invalid:80 {2}unresolved {2}EAI_[A-Z]+\n$/);
  assertEquals(line.code, 1);
  const summary = await run(["-a", "nowhere.invalid:80"], command);
  assertStringIncludes(summary.stdout, "  Errors: connect 0, timeout 0, other 1\n");
  assertEquals(summary.code, 1);
});

Deno.test("tcp-checker sums up with -a", async () => {
  using open = new OpenPort();
  const { code, stdout, stderr } = await run(["-a", open.target, "-t", "1000", "-n", "10", "-c", "3"]);
  assertMatch(
    stdout,
    /^Finished 10\/10 checks in \d+(?:\.\d+)?m?s\n {2}Succeed: 10\n {2}Errors: connect 0, timeout 0, other 0\n$/,
  );
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("tcp-checker sums up with -n, over all targets", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const { code, stdout } = await run(["-n", "3", "-c", "9", "-t", "300", open.target, silent.target, closedPort()]);
  assertMatch(stdout, /^Finished 9\/9 checks in .+\n {2}Succeed: 3\n {2}Errors: connect 3, timeout 3, other 0\n$/);
  assertEquals(code, 1);
});

Deno.test("tcp-checker tells with -v what it does, and of each failed check", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const closed = closedPort();
  // In the spelling of Go's flags.
  const { code, stdout, stderr } = await run(["-v", "-n=2", "-t=300", `-a=${open.target}`, silent.target, closed]);
  assertEquals(
    stderr,
    `Checking ${open.target}, ${silent.target}, ${closed} with the following configurations:
    Timeout: 300ms
   Requests: 2
Concurrency: 1

${`${silent.target}  timeout  connect\n${closed}  refused  ECONNREFUSED\n`.repeat(2)}`,
  );
  assert(stdout.startsWith("Finished 6/6 checks"), stdout);
  assertEquals(code, 1);
});

Deno.test("tcp-checker refuses bad arguments in one line, before it loads what could send anything", async (t) => {
  using open = new OpenPort();
  const good = open.target;
  const cases: [args: string[], said: string][] = [
    [["--fast", good], "Unknown option '--fast' (--help lists the options)"],
    [["-x", good], "Unknown option '-x'"],
    [["--verbose=yes", good], "does not take an argument"],
    [[good, "-t"], "Option '-t, --timeout <value>' argument missing"],
    [[good, "-t", "-5"], "Did you forget to specify the option argument for '-t'?"],
    [[good, "-t", "0"], 'Cannot use -t "0": it takes milliseconds, above 0 and below 2^31'],
    [[good, "-t", "2147483648"], 'Cannot use -t "2147483648"'],
    [[good, "-t", "1s"], 'Cannot use -t "1s"'],
    [[good, "-t="], 'Cannot use -t ""'],
    [[good, "-n", "0"], 'Cannot use -n "0": it takes a whole number, 1 or more'],
    [[good, "-n", "1.5"], 'Cannot use -n "1.5"'],
    [[good, "--requests=-1"], 'Cannot use -n "-1"'],
    [[good, "-n", "1e999"], 'Cannot use -n "1e999"'],
    [[good, "-c", "many"], 'Cannot use -c "many": it takes a whole number, 1 or more'],
    [[good, "localhost"], 'Cannot check "localhost": it has no port, it should be "host:port"'],
    [[good, ""], 'Cannot check "": it has no port'],
    [[good, "localhost:0"], 'Cannot check "localhost:0": port must be an integer from 1 to 65535, it is 0'],
    [[good, "localhost:http"], "the port is not a number"],
    [[good, "::1:80"], "an IPv6 address is written in brackets"],
    [[good, "1.2.3.400:80"], "it is neither a name nor an IP address"],
    [[good, "-a", "two words:80"], 'Cannot check "two words:80"'],
    [[good, "with\na newline:80"], 'Cannot check "with\\na newline:80"'],
  ];
  // It may not even load the library.
  const powerless = COMMAND.filter((part) => part !== "--allow-ffi");
  for (const [args, said] of cases) {
    await t.step(JSON.stringify(args.filter((arg) => arg !== good)), async () => {
      const { code, stdout, stderr } = await run(args, powerless);
      assertStringIncludes(stderr, said);
      assertMatch(stderr, /^tcp-checker: .+\n$/);
      assertEquals([code, stdout], [3, ""]);
    });
  }
  proves(t, "input", `${cases.length} command lines: exit status 3, and a line that says why`);
});

Deno.test("tcp-checker without a target prints its usage to stderr", async () => {
  for (const args of [[], ["-n", "3"], ["--"]]) {
    const { code, stdout, stderr } = await run(args);
    assertMatch(stderr, /^tcp-checker: No target given\nUsage: tcp-checker \[options\] HOST:PORT/);
    assertEquals([code, stdout], [3, ""]);
  }
});

Deno.test("tcp-checker --help names every option and exit status", async () => {
  const { code, stdout, stderr } = await run(["--help"]);
  for (const text of ["-a, --addr", "-n, --requests", "-c, --concurrency", "-t, --timeout", "-v, --verbose"]) {
    assertStringIncludes(stdout, text);
  }
  for (const status of [0, 1, 3, 4, 130, 141, 143]) assertMatch(stdout, new RegExp(`^  ${status} `, "m"));
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await run(["-h", "not a target"]), { code, stdout, stderr });
});

Deno.test("tcp-checker --version prints the module's version", async () => {
  assertEquals(await run(["--version"]), { code: 0, stdout: `tcp-checker ${config.version}\n`, stderr: "" });
});

Deno.test("tcp-checker prints lines as soon as they are known, and ends at once on SIGINT", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const command = new RunningCommand("-t", "600000", open.target, silent.target);
  const line = await command.stdout.until(/\n/);
  assert(line.startsWith(`${open.target}  up `), line);
  command.kill("SIGINT");
  assertEquals(await command.ended(), { code: 130, stdout: line, stderr: "" });
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`tcp-checker sums up what it knows on ${signal}`, async () => {
    using silent = await SilentPort.open();
    const closed = closedPort();
    const command = new RunningCommand("-v", "-t", "600000", "-n", "2", "-c", "2", closed, silent.target);
    // Both checks of the closed port; those of the silent one stay pending.
    await command.stderr.until(/refused[^]+refused/);
    command.kill(signal);
    const { code, stdout } = await command.ended();
    assertMatch(stdout, /^Finished 2\/4 checks in .+\n {2}Succeed: 0\n {2}Errors: connect 2, timeout 0, other 0\n$/);
    assertEquals(code, status);
  });
}

Deno.test("tcp-checker has no more than -c checks under way", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const command = new RunningCommand("-c", "1", "-t", "600000", open.target, silent.target, open.target);
  const line = await command.stdout.until(/\n/);
  command.kill("SIGINT");
  // The third would have been known, and printed.
  assertEquals(await command.ended(), { code: 130, stdout: line, stderr: "" });
});

Deno.test("tcp-checker leaves out no result that it has when it is ended", async () => {
  const code = `
    import { Lines } from "./lib/cli/lines.ts";
    const targets = [1, 2, 3, 4].map((n) => ({ text: "host:" + n, hostname: "host", port: n, isName: true }));
    const lines = new Lines(targets);
    for (const i of [3, 0, 2]) lines.take(targets[i], { status: "unresolved", code: "EAI_" + i });
    lines.end();
  `;
  const { stdout } = await run([], [Deno.execPath(), "eval", code]);
  assertEquals(stdout.split("\n"), [0, 2, 3].map((i) => `host:${i + 1}  unresolved   EAI_${i}`).concat(""));
});

Deno.test("tcp-checker ends quietly when nobody reads its output any more", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const command = new RunningCommand("-t", "600000", open.target, silent.target);
  const line = await command.stdout.until(/\n/);
  await command.stdout.close();
  await silent.speak();
  assertEquals(await command.ended(), { code: 141, stdout: line, stderr: "" });
});

Deno.test("tcp-checker says so when its output can't be written", async () => {
  const { code, stderr } = await run(["--version"], ["sh", "-c", 'exec "$@" > /dev/full', "sh", ...COMMAND]);
  assertMatch(stderr, /^tcp-checker: No space left on device.*\n$/);
  assertEquals(code, 4);
});

Deno.test("tcp-checker says so when the library can't be loaded", async () => {
  const { code, stdout, stderr } = await run([closedPort()], COMMAND.filter((part) => part !== "--allow-ffi"));
  assertStringIncludes(stderr, "--allow-ffi");
  assertEquals([code, stdout], [4, ""]);
});

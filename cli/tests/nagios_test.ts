/** The output line of a monitoring plugin. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMAND, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";
import { SilentPort } from "../../tests/support/silence.ts";

/** Performance data in the format of the Monitoring Plugins guidelines. */
const PERFORMANCE = /^(?:'(?:[^'=]|'')+'|[^ '=]+)=(?:U|-?[\d.]+(?:s|us|ms|%|B|KB|MB|TB|c)?)(?:;[-\d.:@~]*){4}$/;

/** Parses the line of a plugin. */
function parsePlugin(stdout: string): { state: string; text: string; performance: string[] } {
  const match = /^TCP (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]+)(?: \| ([^|\n]+))?\n$/.exec(stdout);
  assert(match !== null, stdout);
  const performance = match[3]?.split(/ (?=(?:[^']*'[^']*')*[^']*$)/) ?? [];
  for (const item of performance) assertMatch(item, PERFORMANCE);
  return { state: match[1], text: match[2], performance };
}

Deno.test("tcp-checker --nagios prints a plugin's line, and returns its exit status", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  const ok = await run(["--nagios", open.target]);
  assertEquals([ok.code, parsePlugin(ok.stdout).state, parsePlugin(ok.stdout).text], [0, "OK", "1/1 up"]);
  assertMatch(parsePlugin(ok.stdout).performance.join(" "), /^up=1;;;0;1 '127\.0\.0\.1:\d+'=\d+\.\d{3}ms;;;0;1000$/);
  const warning = await run(["--nagios", "--min-up", "1", open.target, closed]);
  assertEquals([warning.code, parsePlugin(warning.stdout).state], [1, "WARNING"]);
  assertEquals(parsePlugin(warning.stdout).performance[0], "up=1;;1:;0;2");
  const critical = await run(["--nagios", open.target, closed]);
  assertEquals([critical.code, parsePlugin(critical.stdout).state], [2, "CRITICAL"]);
  assertEquals(parsePlugin(critical.stdout).text, `1/2 up, ${closed} refused ECONNREFUSED`);
  assertEquals(parsePlugin(critical.stdout).performance.length, 3);
});

Deno.test("tcp-checker --nagios keeps the order of the targets, and prints no more than Nagios reads", async () => {
  using silent = await SilentPort.open();
  const closed = closedPort();
  const few = parsePlugin((await run(["--nagios", "-t", "300", silent.target, closed])).stdout);
  assertEquals(few.text, `0/2 up, ${silent.target} timeout no answer, 1 retransmit, ${closed} refused ECONNREFUSED`);
  assertEquals(few.performance.slice(1), [`'${silent.target}'=U;;;0;300`, `'${closed}'=U;;;0;300`]);
  const many = await run(["--nagios", "127.0.0.0/20:1"]);
  assertEquals(parsePlugin(many.stdout).performance.length, 51);
  assert(many.stdout.length < 8192, `${many.stdout.length}`);
});

Deno.test("tcp-checker --nagios is UNKNOWN after a failure on this host, bad arguments and skipped lines", async () => {
  using open = new OpenPort();
  const own = await run(["--nagios", open.target, `[fe80::1%a'b|c=d]:9`]);
  assertEquals([own.code, parsePlugin(own.stdout).state], [3, "UNKNOWN"]);
  assertEquals(parsePlugin(own.stdout).performance[2], "'[fe80::1%a''b_c_d]:9'=U;;;0;1000");
  const bad = await run(["--nagios", "localhost"]);
  assertEquals([bad.code, parsePlugin(bad.stdout).state, bad.stderr], [3, "UNKNOWN", ""]);
  const powerless = await run(["--nagios", open.target], COMMAND.filter((part) => part !== "--allow-ffi"));
  assertEquals([powerless.code, parsePlugin(powerless.stdout).state], [3, "UNKNOWN"]);
  const skipped = await run(["--nagios", "-"], COMMAND, `${open.target}\nlocalhost\n`);
  const { state, text } = parsePlugin(skipped.stdout);
  assertEquals([skipped.code, state, text], [3, "UNKNOWN", "1 malformed line skipped, 1/1 up"]);
});

Deno.test("tcp-checker --nagios is UNKNOWN when a signal ends it, as Nagios' own timeout does", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const command = new RunningCommand(["--nagios", "-t", "1h", "-v", open.target, silent.target]);
  await command.stderr.until(/Concurrency/);
  command.kill("SIGTERM");
  const { code, stdout } = await command.ended();
  const { state, text } = parsePlugin(stdout);
  assertEquals([code, state], [3, "UNKNOWN"]);
  assertMatch(text, /^ended by SIGTERM, [01]\/[01] up$/);
});

namespaceTest("tcp-checker --nagios is UNKNOWN when a signal ends it between two addresses of a name", async () => {
  using silent = await SilentPort.open();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const hosts = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(hosts, [1, 2, 3].map((n) => `127.0.0.${n} many.example\n`).join(""));
    const unshare = UNSHARE.filter((part) => part !== "--net");
    const shell = [...unshare, "sh", "-euc", 'mount --bind "$0" /etc/hosts; exec "$@"', hosts];
    const { port } = listener.addr;
    const targets = [`many.example:${closedPort().split(":")[1]}`, `127.0.0.1:${port}`, silent.target];
    const args = ["--nagios", "--resolve", "all", "-4", "-t", "1h", "-c", "1", "--no-linger", ...targets];
    const command = new RunningCommand(args, [...shell, ...COMMAND]);
    // Earlier checks have ended: there are as many results as targets.
    (await listener.accept()).close();
    command.kill("SIGTERM");
    const { code, stdout } = await command.ended();
    assertEquals(code, 3);
    assertMatch(parsePlugin(stdout).text, /^ended by SIGTERM, [01]\/[34] up(?:, 1 by full connects)?, many\.example/);
  } finally {
    await Deno.remove(hosts);
  }
});

Deno.test("tcp-checker --nagios is UNKNOWN when a signal ends it while it reads targets", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // A pipe that stays open.
    const script = 'mkfifo "$0"; exec <>"$0"; echo malformed >&0; exec "$@"';
    const command = new RunningCommand(["--nagios", "-"], ["sh", "-euc", script, `${folder}/pipe`, ...COMMAND]);
    await command.stderr.until(/skipped/);
    command.kill("SIGINT");
    const { code, stdout } = await command.ended();
    assertEquals([code, parsePlugin(stdout).text], [3, "ended by SIGINT, 1 malformed line skipped, 0/0 up"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { parse } from "npm:csv-parse@7.0.3/sync";
import { parseCommand } from "../lib/command_line/command.ts";
import type { Mode } from "../lib/mode.ts";
import { FORMAT_FLAGS, FORMATS } from "../lib/reports/formats.ts";
import { UsageError } from "../lib/usage_error.ts";
import schema from "../docs/tcp-checker-1.schema.json" with { type: "json" };
import { COMMAND, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { LOOPBACK, namespaceTest, UNSHARE, WIRE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";
import { SilentPort } from "../../tests/support/silence.ts";

const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(schema);

// deno-lint-ignore no-explicit-any -- the schema defines the type
function parseLines(stdout: string): any[] {
  return stdout.split("\n").slice(0, -1).map((line) => {
    const object = JSON.parse(line);
    assert(validate(object), `${line}\n${JSON.stringify(validate.errors)}`);
    return object;
  });
}

Deno.test("tcp-checker --json prints objects that match the schema, for each status", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const closed = closedPort();
  // With -4 an IPv6 address is like a name without addresses.
  const targets = [open.target, silent.target, closed, "[::1]:80"];
  const { code, stdout, stderr } = await run(["--json", "-t", "300", "-4", ...targets]);
  const results = parseLines(stdout);
  assertEquals(new Map(results.map(({ target, status }) => [target, status])).size, targets.length);
  const [up] = results.filter(({ target }) => target === open.target);
  assertEquals([up.host, up.port, up.family, up.address, up.mode], [
    "127.0.0.1",
    open.port,
    4,
    "127.0.0.1",
    "half-open",
  ]);
  const statuses = Object.fromEntries(
    results.map(({ target, status, code, phase }) => [target, [status, code, phase]]),
  );
  assertEquals(statuses[open.target], ["up", undefined, undefined]);
  assertEquals(statuses[silent.target], ["timeout", undefined, "connect"]);
  assertEquals(statuses[closed], ["refused", "ECONNREFUSED", undefined]);
  assertEquals(statuses["[::1]:80"], ["unresolved", "EAI_ADDRFAMILY", undefined]);
  assertEquals([code, stderr], [2, ""]);
  const [own] = parseLines((await run(["--json", "[fe80::1%nosuch0]:9"])).stdout);
  assertEquals([own.status, own.code, own.host], ["local-error", "ENODEV", "fe80::1%nosuch0"]);
});

Deno.test("the schema rejects objects that are never printed", () => {
  const base = { schema: "tcp-checker/1", type: "result", time: "2026-01-02T03:04:05.678Z", target: "a:1", host: "a" };
  const rest = { port: 1, round: 1, mode: "half-open", engine: "socket", dns_ms: 0, duration_ms: 1 };
  const up = { ...base, ...rest, status: "up", address: "127.0.0.1", family: 4, rtt_ms: 1, retransmits: 0 };
  const peer = { timestamps: true, sack: true, ecn: false, mss: 1448, window: 65535, window_scale: 7 };
  assert(validate(up));
  assert(validate({ ...up, peer }));
  for (
    const wrong of [
      { ...up, schema: "tcp-checker/2" },
      { ...up, type: "other" },
      { ...up, status: "down" },
      { ...up, sent: true },
      { ...up, code: "ECONNREFUSED" },
      { ...up, rtt_ms: undefined },
      { ...up, status: "timeout" },
      { ...up, status: "refused", rtt_ms: undefined },
      { ...up, port: 0 },
      { ...up, engine: "auto" },
      { ...up, engine: undefined },
      { ...up, peer: { ...peer, mss: undefined } },
      { ...up, status: "refused", code: "ECONNREFUSED", rtt_ms: undefined, peer },
      { ...up, time: "yesterday" },
    ]
  ) {
    assertEquals(validate(JSON.parse(JSON.stringify(wrong))), false, JSON.stringify(wrong));
  }
});

Deno.test("tcp-checker --json prints statistics after rounds, and one summary with -n", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  const pinged = parseLines((await run(["--json", "-i", "1", "-n", "3", open.target, closed])).stdout);
  assertEquals(pinged.map(({ type, round }) => [type, round]).sort(), [
    ...[1, 1, 2, 2, 3, 3].map((round) => ["result", round]),
    ["statistics", undefined],
    ["statistics", undefined],
  ]);
  const [up, down] = pinged.slice(-2);
  assertEquals([up.target, up.sent, up.up, up.loss], [open.target, 3, 3, 0]);
  assertEquals([down.target, down.sent, down.up, down.loss, down.rtt_max_ms], [closed, 3, 0, 1, undefined]);
  const [summary, ...others] = parseLines((await run(["--json", "-n", "3", open.target, closed])).stdout);
  assertEquals([summary.type, summary.total, summary.finished, summary.up, summary.refused], ["summary", 6, 6, 3, 3]);
  assertEquals(summary.engine, "socket");
  assertEquals(others, []);
});

Deno.test("tcp-checker --json prints changes only with wait and watch", async () => {
  using open = new OpenPort();
  const waited = parseLines((await run(["wait", "--json", open.target])).stdout);
  assertEquals(waited.map(({ status, round }) => [status, round]), [["up", 1]]);
  const watched = parseLines((await run(["watch", "--json", "-i", "300", "-n", "3", open.target])).stdout);
  assertEquals(watched.map(({ status, round }) => [status, round]), [["up", 1]]);
});

Deno.test("tcp-checker --csv is parsed back without loss", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  const zone = `[fe80::1%a,"b]:9`;
  const { stdout } = await run(["--csv", open.target, closed, zone]);
  assert(stdout.split("\n").slice(0, -1).every((line) => line.endsWith("\r")));
  const rows: Record<string, string>[] = parse(stdout, { columns: true });
  assertEquals(
    rows.map(({ target, status }) => `${target} ${status}`).sort(),
    [
      `${closed} refused`,
      `${open.target} up`,
      `${zone} local-error`,
    ].sort(),
  );
  const up = rows.find(({ status }) => status === "up")!;
  assertEquals([up.host, up.port, up.family, up.mode, up.code], ["127.0.0.1", String(open.port), "4", "half-open", ""]);
  assertMatch(up.rtt_ms, /^\d+(\.\d+)?$/);
  // --csv excludes --quiet.
  const empty = await run(["--csv", "-i", "1", "-n", "1", "-q", open.target]);
  assertEquals(empty.code, 3);
});

/** Arguments that choose each mode. */
const MODES: Record<Exclude<Mode, "history" | "fleet" | "hub">, string[]> = {
  check: [],
  summary: ["-n", "1"],
  ping: ["-i", "1s"],
  wait: ["wait"],
  watch: ["watch"],
  scan: ["scan"],
  monitor: ["monitor"],
};

Deno.test("parseCommand() accepts each format in the modes of its entry, and rejects it in others", () => {
  for (const format of FORMAT_FLAGS) {
    const accepted = Object.entries(MODES).filter(([mode, args]) => {
      try {
        const command = parseCommand([...args, `--${format}`, "127.0.0.1:1"]);
        assert(typeof command === "object" && "mode" in command);
        assertEquals([command.mode, command.format], [mode, format]);
        return true;
      } catch (error) {
        assert(error instanceof UsageError, String(error));
        assertStringIncludes(error.message, `${FORMATS[format].short ?? `--${format}`} does not work with `);
        return false;
      }
    });
    const modes = FORMATS[format].modes ?? Object.keys(MODES);
    assertEquals(accepted.map(([mode]) => mode), modes.filter((mode) => Object.hasOwn(MODES, mode)));
  }
});

/** Performance data, by the guidelines of monitoring plugins. */
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

namespaceTest("tcp-checker --nagios is UNKNOWN when a signal ends it among the addresses of a name", async () => {
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
    // The checks before it are done now: there are as many results as targets.
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
    // A pipe that never ends.
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

Deno.test("tcp-checker --quiet prints nothing", async () => {
  using open = new OpenPort();
  const nothing = { stdout: "", stderr: "" };
  assertEquals(await run(["-q", open.target]), { code: 0, ...nothing });
  for (const mode of [[], ["-n", "1"], ["-i", "1", "-n", "1"], ["watch", "-n", "1"]]) {
    assertEquals(await run([...mode, "-q", open.target, closedPort()]), { code: 1, ...nothing });
  }
  assertEquals(await run(["scan", "-q", open.target, closedPort()]), { code: 0, ...nothing });
});

Deno.test("tcp-checker --explain prints what was sent and received", async () => {
  using open = new OpenPort();
  const up = await run(["--explain", open.target]);
  assertMatch(
    up.stdout,
    new RegExp(
      `^${open.target}: SYN sent by the socket engine\n  SYN-ACK received, round-trip time \\d+\\.\\d{3} ms\n` +
        "  SYN-ACK has timestamps, SACK, window scale \\d+; segments of up to \\d+ bytes; a window of \\d+\n" +
        `  RST sent in place of the ACK: the application saw no connection\n  status: up, half-open\n$`,
    ),
  );
  const full = await run(["--explain", "--no-linger", open.target]);
  assertMatch(full.stdout, /the last ACK was sent, or may have been/);
  const closed = closedPort();
  const refused = await run(["--explain", closed]);
  assertMatch(
    refused.stdout,
    /^\S+: SYN sent by the socket engine\n {2}RST received \(ECONNREFUSED\) after .+: the port is closed\n {2}status: refused\n$/,
  );
  const name = await run(["--explain", `localhost:${open.port}`]);
  assertMatch(name.stdout, new RegExp(`^localhost:${open.port}: the system's resolver took .+\n`));
  assertMatch(name.stdout, new RegExp(`^127.0.0.1:${open.port}: SYN sent by the socket engine$`, "m"));
  using silent = await SilentPort.open();
  const timeout = await run(["--explain", "-t", "1300ms", silent.target]);
  assertMatch(
    timeout.stdout,
    /SYN sent \d times by the socket engine, because there was no answer\n {2}no answer within \d\.\d+s\n/,
  );
});

Deno.test("tcp-checker has the exit statuses of fping", async () => {
  using open = new OpenPort("::1");
  const closed = closedPort("::1");
  // With -6 an IPv4 address is like a name without addresses.
  const [missing, ownFault] = ["127.0.0.1:80", "[fe80::1%nosuch0]:9"];
  const code = async (...args: string[]) => (await run(["-q", "-6", ...args])).code;
  assertEquals(await code(open.target), 0);
  assertEquals(await code(open.target, closed), 1);
  assertEquals(await code(open.target, closed, missing), 2);
  assertEquals(await code(open.target, closed, missing, ownFault), 4);
  assertEquals(await code("--min-up", "1", open.target, closed, missing, ownFault), 0);
  assertEquals(await code("--min-up", "2", open.target, closed), 1);
  assertEquals(await code("--min-up", "2", open.target), 1);
  assertEquals(await code("--min-up", "2", open.target, missing), 2);
  for (const mode of [["-n", "2"], ["-i", "1", "-n", "2"], ["watch", "-n", "1"]]) {
    assertEquals(await code(...mode, open.target), 0);
    assertEquals(await code(...mode, open.target, missing), 2);
    assertEquals(await code(...mode, "--min-up", "1", open.target, missing), 0);
  }
});

Deno.test("tcp-checker scan ends with 0 when all checks were made, whether or not targets are up", async () => {
  using open = new OpenPort();
  const [closed, ownFault] = [closedPort(), "[fe80::1%nosuch0]:9"];
  const code = async (...args: string[]) => (await run(["scan", "-q", ...args])).code;
  assertEquals(await code(closed), 0);
  assertEquals(await code(closed, "[::1]:80", "-4"), 0);
  assertEquals(await code(closed, ownFault), 4);
  assertEquals(await code(open.target, closed, "--min-up", "1"), 0);
  assertEquals(await code(closed, "--min-up", "1"), 1);
  assertEquals((await run(["scan", "-q", "-"], COMMAND, `${closed}\nlocalhost\n`)).code, 3);
});

namespaceTest("tcp-checker --json and --csv tell whether a SYN left for an unreachable target", async () => {
  // 192.0.2.77 is on the wire, but no host answers for it; 198.51.100.1 has no route.
  const shell = `${LOOPBACK}\n${WIRE}\nexec "$@"`;
  const command = [...UNSHARE, "sh", "-euc", shell, "sh", ...COMMAND];
  const targets = ["-t", "10s", "192.0.2.77:80", "198.51.100.1:80"];
  const results = parseLines((await run(["--json", ...targets], command)).stdout);
  assertEquals(
    new Map(results.map(({ host, status, sent }) => [host, [status, sent]])),
    new Map([
      ["192.0.2.77", ["unreachable", true]],
      ["198.51.100.1", ["unreachable", false]],
    ]),
  );
  const rows: Record<string, string>[] = parse((await run(["--csv", ...targets], command)).stdout, { columns: true });
  assertEquals(
    new Map(rows.map(({ host, sent }) => [host, sent])),
    new Map([
      ["192.0.2.77", "true"],
      ["198.51.100.1", "false"],
    ]),
  );
});

namespaceTest("tcp-checker distinguishes a prohibited route from an unreachable one", async () => {
  const shell = "ip link set lo up; ip route add prohibit 198.51.100.1; ip route add unreachable 198.51.100.2; ";
  const command = [...UNSHARE, "sh", "-euc", `${shell} exec "$@"`, "sh", ...COMMAND];
  const local = await run(["198.51.100.1:80"], command);
  assertEquals([local.code, local.stdout], [4, "198.51.100.1:80  local-error  EACCES\n"]);
  const unreachable = await run(["198.51.100.2:80"], command);
  assertEquals([unreachable.code, unreachable.stdout], [1, "198.51.100.2:80  unreachable  EHOSTUNREACH\n"]);
});

/** JSON lines and CSV rows. */

import { assert, assertEquals, assertMatch } from "@std/assert";
// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { parse } from "npm:csv-parse@7.0.3/sync";
import schema from "../docs/tcp-checker-1.schema.json" with { type: "json" };
import { COMMAND } from "../../tests/support/command.ts";
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
  // With -4 an IPv6 address counts as a name without addresses.
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

Deno.test("tcp-checker --json prints only changes of status in wait and watch", async () => {
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

namespaceTest("tcp-checker --json and --csv show whether a SYN was sent to an unreachable target", async () => {
  // 192.0.2.77 is on-link, but no host answers ARP for it; 198.51.100.1 has no route.
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

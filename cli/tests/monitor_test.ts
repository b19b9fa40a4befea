/** `tcp-checker monitor` as a process. */

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { LatenessSummary, TargetState } from "@tcp-shaker/monitor";
import { eventLine } from "../lib/reports/events.ts";
import { monitorSummary } from "../lib/reports/monitor_summary.ts";
import schema from "../docs/tcp-checker-event-1.schema.json" with { type: "json" };
import { commandWith, RunningCommand } from "../../tests/support/command.ts";
import { FullPipe } from "../../tests/support/full_pipe.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { run } from "../../tests/support/shared_command.ts";

const FAST = ["-i", "50ms", "--rise", "2", "--fall", "3"];
const INSTANT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

Deno.test("tcp-checker monitor prints one line per change, and statistics at the end", async () => {
  const open = new OpenPort();
  const closed = closedPort();
  const command = new RunningCommand(["monitor", ...FAST, open.target, closed]);
  await command.stdout.until(/ up .*\n(.*\n)*.* down | down .*\n(.*\n)*.* up /);
  open[Symbol.dispose]();
  const text = await command.stdout.until(new RegExp(`  down  ${open.target}  `));
  assertMatch(text, new RegExp(`^${INSTANT}  up  ${open.target}  up \\d+\\.\\d{3} ms  after 1 of 1$`, "m"));
  assertMatch(text, new RegExp(`^${INSTANT}  down  ${closed}  refused ECONNREFUSED  after 3 of 3$`, "m"));
  const down = `^${INSTANT}  down  ${open.target}  refused ECONNREFUSED  after 3 of 3, up for [\\d.]+m?s$`;
  assertMatch(text, new RegExp(down, "m"));
  command.kill("SIGTERM");
  const { code, stderr } = await command.ended();
  assertEquals(code, 0);
  assertMatch(
    stderr,
    /^0 up, 2 down, 0 unknown, 0 in maintenance\nchecks: \d+, failed \d+, neutral 0, .+\nchanges after the first verdict: 1\n/,
  );
  assertMatch(stderr, new RegExp(`^  ${closed}: down for [\\d.]+m?s, refused ECONNREFUSED$`, "m"));
});

for (const signal of ["SIGUSR1", "SIGUSR2"] as const) {
  Deno.test(`tcp-checker monitor prints statistics on ${signal}, and continues`, async () => {
    using open = new OpenPort();
    const command = new RunningCommand(["monitor", ...FAST, open.target]);
    await command.stdout.until(/ {2}up {2}/);
    command.kill(signal);
    // At SIGUSR1 Deno starts its debugger too, and may print that first.
    await command.stderr.until(/^1 up, 0 down/m);
    command.kill("SIGINT");
    const { code, stderr } = await command.ended();
    assertEquals([code, stderr.match(/1 up, 0 down/g)?.length], [0, 2]);
    if (signal === "SIGUSR2") assertEquals(stderr.includes("Debugger listening"), false);
  });
}

Deno.test("tcp-checker monitor --json prints events as objects, numbered from 1", async () => {
  using open = new OpenPort();
  const command = new RunningCommand(["monitor", ...FAST, "--json", open.target, closedPort()]);
  const text = await command.stdout.until(/.*\n.*\n/);
  const events = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(events.map(({ schema, type, sequence }) => [schema, type, sequence]), [
    ["tcp-checker-event/1", "transition", 1],
    ["tcp-checker-event/1", "transition", 2],
  ]);
  const { from, to, count, of, result, initial, at } = events.find(({ id }) => id === open.target);
  assertEquals([from, to, count, of, result.status, initial], ["unknown", "up", 1, 1, "up", true]);
  assertEquals(new Date(at).toISOString(), at);
  const isValid = new Ajv2020({ formats: { "date-time": true } }).compile(schema);
  for (const event of events) assert(isValid(event), JSON.stringify(isValid.errors));
  command.kill("SIGTERM");
  await command.ended();
});

Deno.test("tcp-checker monitor --exec runs a program with the event on its stdin", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/notify`;
    await Deno.writeTextFile(
      program,
      `#!/bin/sh\n{ echo "$@"; cat; } >>"${folder}/seen"\necho done >>"${folder}/done"\n`,
    );
    await Deno.chmod(program, 0o755);
    using open = new OpenPort();
    const closed = closedPort();
    const args = ["monitor", ...FAST, "--exec", program, open.target, closed];
    const command = new RunningCommand(args, commandWith("--allow-run"));
    await command.stdout.until(/ {2}up {2}/);
    await command.stdout.until(/ {2}down {2}/);
    // Queued runs of the program finish before the command ends.
    command.kill("SIGTERM");
    assertEquals((await command.ended()).code, 0);
    const lines = (await Deno.readTextFile(`${folder}/seen`)).trimEnd().split("\n");
    const words = lines.filter((line) => !line.startsWith("{"));
    assert(words.includes(`transition ${closed} ${closed} unknown down`), lines.join("\n"));
    assert(words.includes("summary 1"), lines.join("\n"));
    const inputs = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    assertEquals(inputs.find(({ type }) => type === "summary").up, [open.target]);
    const isValid = new Ajv2020({ formats: { "date-time": true } }).compile(schema);
    const transition = inputs.find(({ type }) => type === "transition");
    assertEquals(transition.result.status, "refused");
    assert(isValid(transition), JSON.stringify(isValid.errors));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tcp-checker monitor --exec runs the program for all targets while stdout is full", async () => {
  const folder = await Deno.makeTempDir();
  try {
    using open = new OpenPort("0.0.0.0");
    await using pipe = await FullPipe.make();
    const targets = 1024;
    const counts = `${folder}/counts`;
    // The arguments of a run are `summary` and the number of its targets; awk adds these up. Ends the monitor when all
    // targets have a state. Their lines exceed the command's queue.
    const script =
      `echo "$2" >>${counts}; [ $(awk '{ sum += $1 } END { print sum }' ${counts}) -lt ${targets} ] || kill $PPID`;
    const program = `${folder}/notify`;
    await Deno.writeTextFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const args = ["monitor", ...FAST, "--json", "--exec", program, `127.0.0.0/22:${open.port}`];
    const { code, stderr } = await new RunningCommand(args, pipe.command(commandWith("--allow-run"))).ended();
    // 128 + SIGTERM, because lines are lost.
    assertEquals(code, 143, stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("eventLine() prints the reason of maintenance as one column", () => {
  const event = {
    type: "maintenance",
    at: 0,
    sequence: 1,
    id: "db",
    target: "db:5432",
    group: "",
    labels: {},
  } as const;
  const change = { active: false, from: "maintenance", to: "up", duration: 1, reason: "new disks" } as const;
  assertEquals(
    eventLine({ ...event, ...change }),
    "1970-01-01T00:00:00.000Z  maintenance  db (db:5432)  ends, up  new disks",
  );
});

Deno.test("monitorSummary() includes the checks and failures of restored states", () => {
  const restored = { id: "db", state: "down", since: Date.now(), checks: 30, failures: 26, neutral: 0, transitions: 1 };
  const thisRun = { skipped: 0, lateness: { count: 0, sum: 0, max: 0 } as LatenessSummary };
  assertStringIncludes(
    monitorSummary([restored as TargetState], thisRun),
    "checks: 30, failed 26, neutral 0, skipped 0;",
  );
});

for (
  const [args, message] of [
    [
      ["-i", "500ms", "-t", "1s", "127.0.0.1:1"],
      "--timeout 1s is longer than the interval, 500ms: lower it, or raise --interval",
    ],
    [["127.0.0.1:1", "127.0.0.1:1"], `Target "127.0.0.1:1" is given more than once: give each target once`],
    [["127.0.0.1:1", "127.0.0.0/30:1", "127.0.0.2:1"], `2 targets, such as "127.0.0.1:1", are given more than once: `],
    [["--fast-interval", "1ms", "127.0.0.1:1"], "--fast-interval 1ms is too short: use 10ms or more"],
    [["--exec", "true", "127.0.0.1:1"], `Cannot run "true"`],
    [["--exec", "", "127.0.0.1:1"], 'Cannot run "": give a program after --exec, or leave out --exec'],
    [["--csv", "127.0.0.1:1"], "--csv does not work with monitor: use --json"],
    [[], "No target given"],
  ] as const
) {
  Deno.test(`tcp-checker monitor ${args.join(" ")} is rejected in one line`, async () => {
    const { code, stdout, stderr } = await run(["monitor", ...args]);
    assertStringIncludes(stderr, message);
    assertMatch(stderr, /^tcp-checker: .+\n$/);
    assertEquals([code, stdout], [3, ""]);
  });
}

Deno.test("tcp-checker rejects --rise without monitor", async () => {
  const { code, stderr } = await run(["--rise", "2", "127.0.0.1:1"]);
  assertStringIncludes(stderr, "--rise is an option of watch and monitor");
  assertEquals(code, 3);
});

/** The option `--engine`: the engine that runs the checks, and the message if it can't start. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseCommand } from "../lib/command_line/parse_command.ts";
import type { Output as Ended } from "../../tests/scripts/command.ts";
import type { Input, Output as Seen } from "../../tests/scripts/command_seen.ts";
import { silent } from "../../tests/support/behaviour.ts";
import { COMMAND, commandAllowed } from "../../tests/support/command.ts";
import { engineNamespaceTest } from "../../tests/support/engines.ts";
import { proves } from "../../tests/support/evidence.ts";
import { labTest } from "../../tests/support/lab.ts";
import { namespaceTest, runInNamespace, WITHOUT_RAW } from "../../tests/support/namespace.ts";

/** Each mode and output format. */
const RUNS = [
  ["--json"],
  ["--csv"],
  ["--explain"],
  ["--nagios"],
  ["-a"],
  ["-i", "1s", "-n", "1", "--json"],
  ["wait", "--json"],
  ["watch", "-n", "1", "--json"],
  ["scan", "--json"],
];

engineNamespaceTest("tcp-checker --engine makes the checks by that engine, in every mode", async (engine, test) => {
  const { name, permission, hasSockets } = engine;
  const command = commandAllowed(permission);
  const runs = RUNS.map((args) => ["--engine", name, ...args]);
  const seen = await runInNamespace<Seen>("command_seen.ts", { command, runs } satisfies Input);
  for (const [i, { code, stderr, stdout, opened, accepted }] of seen.entries()) {
    const [what, expected] = [{ code, stderr, opened, accepted }, {
      opened: hasSockets ? 1 : 0,
      accepted: engine.accepted,
    }];
    assertEquals(what, { code: 0, stderr: "", ...expected }, RUNS[i].join(" "));
    if (RUNS[i].includes("--json")) assertEquals(JSON.parse(stdout.split("\n")[0]).engine, name);
  }
  const [, csv, explained] = seen.map(({ stdout }) => stdout);
  assertStringIncludes(csv, `,${name},`);
  assertStringIncludes(explained, `: SYN sent by the ${name} engine\n`);
  const opened = seen.reduce((sum, { opened }) => sum + opened, 0);
  const accepted = seen.reduce((sum, { accepted }) => sum + accepted, 0);
  proves(
    test,
    "invisible",
    `${seen.length} modes and formats of the command, a check each: ${opened} sockets connected, ${accepted} accepted`,
  );
});

namespaceTest("tcp-checker --engine auto uses raw with CAP_NET_RAW, and socket without", async () => {
  const runs = RUNS.filter((args) => args.includes("--json")).map((args) => ["--engine", "auto", ...args]);
  for (const [setup, engine] of [["", "raw"], [WITHOUT_RAW, "socket"]]) {
    const seen = await runInNamespace<Seen>("command_seen.ts", { command: COMMAND, runs } satisfies Input, { setup });
    for (const { code, stderr, stdout } of seen) {
      assertEquals([code, stderr, JSON.parse(stdout.split("\n")[0]).engine], [0, "", engine]);
    }
  }
});

namespaceTest(
  "tcp-checker --engine raw without CAP_NET_RAW reports how to get it, in one line, with status 4",
  async () => {
    // CSV prints its header before the failure.
    const runs = RUNS.filter((args) => !args.includes("--csv"))
      .map((args) => ["--engine", "raw", ...args, "127.0.0.1:80"]);
    const ended = await runInNamespace<Ended>("command.ts", runs, { setup: WITHOUT_RAW });
    for (const [i, { code, stdout, stderr }] of ended.entries()) {
      const isNagios = runs[i].includes("--nagios");
      const [output, other] = isNagios ? [stdout, stderr] : [stderr, stdout];
      assertEquals(
        [code, other, output.split("\n").length],
        [isNagios ? 3 : 4, "", 2],
        `${runs[i].join(" ")}: ${output}`,
      );
      for (const part of [`engine "raw"`, "CAP_NET_RAW", "setcap", "AmbientCapabilities", "--cap-add", "EPERM"]) {
        assertStringIncludes(output, part);
      }
    }
  },
);

Deno.test("parseCommand() passes --rate to the checker, and no rate without it", () => {
  const checkerOf = (...args: string[]) => {
    const command = parseCommand(["scan", "127.0.0.1:80", ...args]);
    assert(typeof command === "object" && "checker" in command);
    return [command.checker.engine, command.checker.rate];
  };
  const rate = ["--rate", "50000"];
  assertEquals(checkerOf("--engine", "raw", ...rate), ["raw", 50_000]);
  assertEquals(checkerOf("--engine", "auto", ...rate), ["auto", 50_000]);
  assertEquals(checkerOf("--engine", "raw"), ["raw", undefined]);
  assertEquals(checkerOf("--engine", "connect", ...rate), ["connect", 50_000]);
  assertEquals(checkerOf(...rate), [undefined, 50_000]);
});

labTest(
  "tcp-checker --engine raw --rate limits SYNs per second, retransmits included",
  async (lab, test) => {
    const [checks, rate] = [200, 100];
    // Time for two SYNs each.
    const args = ["scan", "--engine", "raw", "--rate", `${rate}`, "-t", "2500ms", "--json", `198.18.0.1:1-${checks}`];
    const { output: [{ stdout }], wire } = await lab.run<Ended>({ rules: [silent] }, "command.ts", [args]);
    const objects: Record<string, unknown>[] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const results = objects.filter(({ type }) => type === "result");
    assertEquals(results.length, checks);
    for (const { status, retransmits } of results) assertEquals([status, retransmits], ["timeout", 1]);
    const times = wire.segments.filter(({ kind }) => kind === "SYN").map(({ at }) => at / 1e6);
    assertEquals(times.length, 2 * checks);
    const took = times[times.length - 1] - times[0];
    // The burst is 20 ms of the rate. If only first SYNs counted, the last SYN would be sent after 3 s.
    assert(took >= (times.length - 2 - rate * 0.02) / rate - 0.1, `${took} s`);
    proves(test, "operators", `${times.length} SYNs of ${checks} checks in ${took.toFixed(2)} s at --rate ${rate}`);
  },
);

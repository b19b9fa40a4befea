/** Hints for the target syntax of other tools, and for mistyped words. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { flags } from "../lib/command_line/flags.ts";
import { NAMED_MODES } from "../lib/mode.ts";
import { editDistance, nearest } from "@tcp-shaker/tcp-shaker/nearest";
import { TargetSet } from "../lib/targets/target_set.ts";
import { UsageError } from "../lib/usage_error.ts";
import { run } from "../../tests/support/shared_command.ts";

const OPTIONS = { ports: undefined, limit: 65_536 };

/** A text, and the target that the hint suggests. */
const HINTS: [text: string, suggestion: string][] = [
  ["example.com 80", "example.com:80"],
  ["192.0.2.1\t22,80-90", "192.0.2.1:22,80-90"],
  ["::1 80", "[::1]:80"],
  ["fe80::1%lo 80", "[fe80::1%lo]:80"],
  [":8080", "localhost:8080"],
  ["8080", "localhost:8080"],
  ["tcp:18000", "localhost:18000"],
  ["TCP4:80,81", "localhost:80,81"],
  ["tcp:db:5432", "db:5432"],
  ["tcp:[::1]:5432", "[::1]:5432"],
  ["tcp://db:5432", "db:5432"],
  ["http://example.com/path", "example.com:80"],
  ["https://[2001:db8::1]/", "[2001:db8::1]:443"],
];

Deno.test("TargetSet.parse() suggests a valid target for a target in the syntax of another tool", async (t) => {
  for (const [text, suggestion] of HINTS) {
    await t.step(JSON.stringify(text), () => {
      const error = assertThrows(() => TargetSet.parse(text, OPTIONS), UsageError);
      assertStringIncludes(error.message, `write "${suggestion}"`);
      TargetSet.parse(suggestion, OPTIONS);
    });
  }
});

Deno.test("TargetSet.parse() rejects a range of addresses, and accepts names that look similar", () => {
  for (const [text, ports] of [["198.18.0.2-5:80", undefined], ["198.18.0.*", "80"]] as const) {
    const error = assertThrows(() => TargetSet.parse(text, { ...OPTIONS, ports }), UsageError);
    assertStringIncludes(error.message, "ranges of addresses are not supported");
  }
  // Cloud providers use such host names.
  for (
    const name of ["ip-192-0-2-1", "192-0-2-1", "192-0-2-1.example.com", "1-2.3-4.a-b.c-d", "tcp.example.com", "tcp."]
  ) {
    assertEquals(TargetSet.parse(`${name}:80`, OPTIONS).at(0).hostname, name);
  }
});

Deno.test("tcp-checker suggests host:port for a host followed by a port", async () => {
  const { code, stderr } = await run(["localhost", "80"]);
  const reason = 'it has no port, it should be "host:port": write "localhost:80"';
  assertEquals([code, stderr], [3, `tcp-checker: Cannot check "localhost": ${reason}\n`]);
  const { stderr: withPort } = await run(["-p", "443", "localhost", "80"]);
  assertStringIncludes(withPort, 'Cannot check "80": it is a port without a host: write "localhost:80"');
});

Deno.test("tcp-checker suggests the mode or the option for a mistyped word", async (t) => {
  const cases: [args: string[], message: string][] = [
    [["wiat", "localhost:80"], 'Cannot check "wiat": it has no port; did you mean the mode "wait"?'],
    [["-i", "1s", "Wacth", "localhost:80"], 'did you mean the mode "watch"?'],
    [["localhost:80", "wait"], 'for the mode, write "tcp-checker wait ...", before all targets'],
    [["--timout", "5s", "localhost:80"], 'Unknown option "--timout": did you mean --timeout? (see --help)'],
    [["--timout=5s", "localhost:80"], 'Unknown option "--timout": did you mean --timeout?'],
    [["--conc", "9", "localhost:80"], 'Unknown option "--conc": did you mean --concurrency?'],
    [["--resolv", "all", "localhost:80"], 'Unknown option "--resolv": did you mean --resolve?'],
  ];
  for (const [args, message] of cases) {
    await t.step(args.join(" "), async () => {
      const { code, stdout, stderr } = await run(args);
      assertStringIncludes(stderr, message);
      assertEquals([code, stdout], [3, ""]);
    });
  }
});

Deno.test("tcp-checker suggests the mode wait for a command after -- in another mode", async (t) => {
  const hint = 'to run a command when targets are up, write "tcp-checker wait TARGET -- COMMAND"';
  const commands: string[][] = [
    ["localhost:80", "--", "npm", "start"],
    ["-i", "1s", "localhost:80", "--", "./start.sh"],
    ["scan", "localhost:80", "--", "/bin/true"],
    ["-f", "/dev/null", "--", "wait"],
    ["-a", "localhost:80", "--", "a program"],
  ];
  for (const args of commands) {
    await t.step(args.join(" "), async () => {
      const { code, stdout, stderr } = await run(args);
      assertStringIncludes(stderr, hint);
      assertEquals([code, stdout], [3, ""]);
    });
  }
  // Without a preceding target, -- ends the options.
  const { stderr } = await run(["--", "localhost"]);
  assertEquals(stderr.includes(hint), false);
});

Deno.test("nearest() finds the option or mode for each typing error, and none for other words", () => {
  const words = [...flags().map(([name]) => name), ...Object.keys(NAMED_MODES)];
  for (const word of words) {
    for (let i = 0; i < word.length; i++) {
      const [start, end] = [word.slice(0, i), word.slice(i)];
      const slips = [start + end.slice(1), `${start}~${end}`, `${start}~${end.slice(1)}`];
      if (end.length > 1) slips.push(start + end[1] + end[0] + end.slice(2));
      for (const slip of slips) {
        assertEquals(editDistance(slip, word), Number(slip !== word), slip);
        assertEquals(nearest(slip, [word]), word, slip);
      }
    }
  }
  for (const other of ["", "x", "frobnicate", "ab", "z".repeat(1_000_000)]) {
    assertEquals(nearest(other, words), undefined);
  }
});

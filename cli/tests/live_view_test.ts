/** `tcp-checker watch` on a pseudo-terminal, whose output an emulator interprets. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMAND, commandWith } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { Terminal, type TerminalOptions } from "../../tests/support/terminal.ts";

const TITLES = /^TARGET +STATE +FOR +LAST CHECK +LOSS +HISTORY$/m;
const BARS = "▁▂▃▄▅▆▇█";

/** So high that no target goes down, and no storm adds a line to the screen. */
const NO_VERDICT = ["--fall", "1000"];

/** Asserts that a terminal is as it was before the command. */
async function assertRestored(terminal: Terminal): Promise<void> {
  assertEquals([terminal.isAlternate, terminal.modes], [false, { cursor: true, wraparound: true }]);
  const settings = await terminal.settings();
  // No shell runs afterwards, so the terminal modes are as the command left them.
  for (const mode of ["icanon", "echo", "isig"]) assertMatch(settings, new RegExp(`(?:^|\\s)${mode}\\b`), settings);
}

/** Targets that are refused at once: addresses of this host with one closed port. */
function refusedTargets(count: number): string[] {
  const port = closedPort().split(":")[1];
  return Array.from({ length: count }, (_, i) => `127.0.${1 + Math.floor(i / 250)}.${1 + i % 250}:${port}`);
}

/** Runs the command, prints its process id and exit status, and keeps the terminal open afterwards. */
function watching(args: readonly string[], { command = COMMAND, ...options }: TerminalOptions = {}): Terminal {
  const script = 'trap : INT QUIT; sh -c \'echo "process $$"; exec "$@"\' sh "$@"; echo "status $?"; exec sleep 1000';
  return new Terminal(["watch", ...args], { ...options, command: ["sh", "-c", script, "sh", ...command] });
}

/** The id of the command's process. */
function processOf(terminal: Terminal): number {
  return Number(terminal.raw.match(/process (\d+)/)![1]);
}

Deno.test("tcp-checker watch shows counts, targets that are not up first, and one mark per check", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  using terminal = new Terminal(["watch", "-i", "200ms", "--fall", "2", open.target, closed]);
  await terminal.until(/x{4}/);
  const { screen } = terminal;
  assertMatch(screen[0], /^1 down, 1 up {3,}round \d+ {2}\d+ checks in \d:\d\d {2}\d\d:\d\d:\d\d$/);
  assertMatch(screen[1], TITLES);
  assertMatch(screen[2], new RegExp(`^${closed} +down +\\d+:\\d\\d  ECONNREFUSED +100%  x+$`));
  assertMatch(screen[3], new RegExp(`^${open.target} +up +\\d+:\\d\\d  \\d+\\.\\d{3} ms +[\\d.]+%  [${BARS}x.]+$`));
  assertMatch(screen.at(-2)!, /^x refused {2}\. no answer {2}! other {2}ms: ▁<0\.3 .+ █ more$/);
  assertMatch(screen.at(-1)!, /^1-2 of 2 {2}q: quit {2}\/: filter {2}/);
  await terminal.type("q");
  assertEquals(await terminal.ended(), 1);
});

Deno.test("tcp-checker watch shows the failures before a change of the verdict, then the verdict", async () => {
  const open = new OpenPort();
  const { target } = open;
  using terminal = new Terminal(["watch", "-i", "1s", "--fall", "3", target]);
  await terminal.until(/^0 down, 1 up /m);
  open[Symbol.dispose]();
  await terminal.until(/ up [12]\/3 .*[▁▂▃▄▅▆▇█]x{1,2}$/m);
  await terminal.until(/ down .*[▁▂▃▄▅▆▇█]x{3,}$/m);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
});

Deno.test("tcp-checker watch restores the terminal on q, and prints totals", async () => {
  using open = new OpenPort();
  using terminal = watching(["-i", "200ms", open.target]);
  await terminal.until(/ up /);
  assertEquals([terminal.isAlternate, terminal.modes], [true, { cursor: false, wraparound: false }]);
  await terminal.type("q");
  await terminal.until(/^status 0$/m);
  await assertRestored(terminal);
  assertMatch(terminal.text, /^1 up, 0 down, .+\nchecks: \d+, failed \d+, /m);
  await terminal.hangUp();
});

for (const [name, key, status] of [["Ctrl-C", "\x03", 130], ["Ctrl-\\", "\x1c", 131]] as const) {
  Deno.test(`tcp-checker watch restores the terminal at ${name}`, async () => {
    using open = new OpenPort();
    using terminal = watching(["-i", "200ms", open.target]);
    await terminal.until(/ up /);
    await terminal.type(key);
    await terminal.until(new RegExp(`^status ${status}$`, "m"));
    await assertRestored(terminal);
    await terminal.hangUp();
  });
}

Deno.test("tcp-checker watch restores the terminal on SIGTERM", async () => {
  using open = new OpenPort();
  using terminal = watching(["-i", "200ms", open.target]);
  await terminal.until(/ up /);
  Deno.kill(processOf(terminal), "SIGTERM");
  await terminal.until(/^status 143$/m);
  await assertRestored(terminal);
  await terminal.hangUp();
});

Deno.test("tcp-checker watch restores the terminal after an uncaught error, and keeps the message visible", async () => {
  const preload = await Deno.makeTempFile({ suffix: ".js" });
  try {
    // The error is thrown when the screen is entered, by code whose promise is not awaited.
    const code = `const { setRaw } = Deno.stdin;
      Deno.stdin.setRaw = (...args) => {
        setRaw.apply(Deno.stdin, args);
        setTimeout(() => { throw new Error("by accident"); }, 500);
      };`;
    await Deno.writeTextFile(preload, code);
    using open = new OpenPort();
    using terminal = watching(["-i", "200ms", open.target], { command: commandWith(`--preload=${preload}`) });
    await terminal.until(/ up /);
    assert(terminal.isAlternate);
    await terminal.until(/^status 4$/m);
    assertStringIncludes(terminal.text, "tcp-checker: by accident");
    await assertRestored(terminal);
    await terminal.hangUp();
  } finally {
    await Deno.remove(preload);
  }
});

Deno.test("tcp-checker watch restores the terminal on Ctrl-Z, and resumes on fg", async () => {
  using open = new OpenPort();
  using terminal = watching(["-i", "200ms", open.target], { command: commandWith("--allow-run") });
  await terminal.until(/ up /);
  await terminal.type("\x1a");
  while (terminal.isAlternate) await terminal.until(/process/);
  const id = processOf(terminal);
  while (!/^State:\s+T/m.test(await Deno.readTextFile(`/proc/${id}/status`)));
  await assertRestored(terminal);
  Deno.kill(id, "SIGCONT");
  await terminal.until(/ up /);
  assertEquals([terminal.isAlternate, terminal.modes.cursor], [true, false]);
  await terminal.type("q");
  await terminal.until(/^status 0$/m);
  await assertRestored(terminal);
  await terminal.hangUp();
});

Deno.test("tcp-checker watch ignores Ctrl-Z without the permission to stop the process, and shows why", async () => {
  using open = new OpenPort();
  using terminal = new Terminal(["watch", "-i", "200ms", open.target]);
  await terminal.until(/ up /);
  await terminal.type("\x1a");
  await terminal.until(/^Ctrl-Z is ignored: it needs Deno's --allow-run$/m);
  await terminal.type("q");
  assertEquals(await terminal.ended(), 0);
});

Deno.test("tcp-checker watch scrolls by arrows, page keys, Home and End", async () => {
  const targets = refusedTargets(30);
  using terminal = new Terminal(["watch", "-i", "100ms", ...NO_VERDICT, ...targets], { columns: 90, rows: 14 });
  const shows = (first: number) =>
    terminal.until(new RegExp(`^TARGET.*\n${targets[first - 1]} .+\n(?:.*\n)+${first}-${first + 9} of 30 `, "m"));
  await shows(1);
  await terminal.type("\x1b[B\x1b[B");
  await shows(3);
  await terminal.type("\x1b[A");
  await shows(2);
  await terminal.type("\x1b[6~");
  await shows(11);
  await terminal.type("\x1bOF");
  await shows(21);
  await terminal.type("\x1b[B");
  await terminal.type("\x1b[5~");
  await shows(12);
  await terminal.type("\x1b[H");
  await shows(1);
  await terminal.type("q");
  assertEquals(await terminal.ended(), 1);
});

Deno.test("tcp-checker watch filters its rows by the text typed after /", async () => {
  using open = new OpenPort("127.0.0.77");
  using terminal = new Terminal(["watch", "-i", "100ms", "--fall", "1", open.target, ...refusedTargets(30)]);
  await terminal.until(/^30 down, 1 up /);
  await terminal.type("/UP");
  await terminal.until(new RegExp(`^TARGET.*\n${open.target} +up .+\n\n(?:.*\n)+filter: UP_ `, "m"));
  await terminal.type("\x7f\x7f.1.7\r");
  await terminal.until(/^TARGET.*\n127\.0\.1\.7:.*\n\n(?:.*\n)+1-1 of 1 with "\.1\.7" /m);
  // Counts include all targets.
  await terminal.until(/^30 down, 1 up /);
  await terminal.type("/nothing\r");
  await terminal.until(/^No target matches$/m);
  await terminal.type("\x1b");
  await terminal.until(/^1-\d+ of 31 {2}/m);
  await terminal.type("q");
  assertEquals(await terminal.ended(), 1);
});

Deno.test("tcp-checker watch does not wrap lines with wide or format characters in the filter", async () => {
  using terminal = new Terminal(["watch", "-i", "100ms", ...refusedTargets(3)], { columns: 40, rows: 10 });
  await terminal.until(/ down /);
  await terminal.type(`/${"数据库".repeat(10)}\u202e\u{1f600}`);
  await terminal.until(/^filter: 数据库/m);
  await terminal.type("\x15\u202e");
  await terminal.until(/^filter: \\u202e_ /m);
  assert(!terminal.raw.includes("\u202e"), "a format character was printed");
  assertMatch(terminal.screen[0], /^\d down, .*0 up {2}round \d+ /);
  await terminal.type("\x1bq");
  assertEquals(await terminal.ended(), 1);
});

Deno.test("tcp-checker watch redraws its screen when the terminal is resized", async () => {
  using open = new OpenPort();
  const targets = Array.from({ length: 12 }, (_, i) => `127.0.0.${i + 1}:${open.port}`);
  using terminal = new Terminal(["watch", "-i", "100ms", ...NO_VERDICT, ...targets], { columns: 80, rows: 24 });
  await terminal.until(/^0 down, 11 unknown, 1 up (?:.*\n)+127\.0\.0\.1:\d+ +up .+[▁▂▃▄▅▆▇█]$/m);
  await terminal.resize(44, 9);
  // The columns for the history and the time in the state are omitted.
  await terminal.until(/^0 down.*\nTARGET +STATE +LAST CHECK\n(?:127.+unknown +ECONNREFUSED\n){5}.*\n1-5 of 12 .*$/);
  await terminal.resize(12, 4);
  await terminal.until(/^0 down, 11 u\nTARGET\n127\.0\.….{5}\n1-1 of 12.*$/);
  await terminal.resize(100, 30);
  await terminal.until(/^0 down.+\nTARGET.+HISTORY(?:\n127.+x){11}\n127.+[▁▂▃▄▅▆▇█]\n/);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
});

Deno.test("tcp-checker watch draws digits on a terminal without UTF-8, and no colours with NO_COLOR", async () => {
  using open = new OpenPort();
  const options = { encoding: "latin1", env: { NO_COLOR: "1" } } as const;
  using terminal = new Terminal(["watch", "-i", "200ms", open.target], options);
  await terminal.until(/ up .+ [1-8x.]{5,}$/m);
  assertMatch(terminal.text, /ms: 1<0\.3 2<1 /);
  // deno-lint-ignore no-control-regex -- printed to a terminal
  assert(!/\x1b\[[1-9][\d;]*m/.test(terminal.raw), JSON.stringify(terminal.raw));
  await terminal.type("q");
  await terminal.ended();
});

Deno.test("tcp-checker watch takes no keys if it reads targets from stdin", async () => {
  using open = new OpenPort();
  const command = ["sh", "-c", 'printf "%s\\n" "$TARGET" | "$@"', "sh", ...COMMAND];
  using terminal = new Terminal(["watch", "-i", "200ms", "-"], { command, env: { TARGET: open.target } });
  await terminal.until(/ up .+ [▁▂▃▄▅▆▇█x.]{5,}$/m);
  assertEquals(terminal.screen.at(-1), "1-1 of 1  Ctrl-C: quit");
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
  assertEquals(terminal.isAlternate, false);
});

for (const [count, interval, checks] of [[20, "20ms", /[2-9],\d{3}/], [10_241, "1s", /[1-9]\d,\d{3}/]] as const) {
  Deno.test(`tcp-checker watch prints a bounded number of frames and bytes for ${count} targets`, async () => {
    const [columns, rows] = [100, 30];
    using open = new OpenPort();
    const startedAt = performance.now();
    const { port } = open;
    const networks = count === 20 ? ["127.1.0.0/28", "127.2.0.0/31", "127.3.0.0/32"] : ["127.1.0.0/19", "127.2.0.0/21"];
    const targets = ["127.0.0.1", ...networks].map((network) => `${network}:${port}`);
    using terminal = new Terminal(["watch", "-i", interval, ...targets], { columns, rows });
    await terminal.until(new RegExp(`^.* ${checks.source} checks in `));
    const seconds = (performance.now() - startedAt) / 1000;
    assertMatch(terminal.text, new RegExp(`^1-\\d+ of ${count.toLocaleString("en-US")} `, "m"));
    const frames = terminal.raw.split("\x1b[?2026h").length - 1;
    assert(frames > 1 && frames <= 4 * seconds + 2, `${frames} frames in ${seconds} s`);
    // A character of UTF-8 has 3 bytes, and a row its cursor movement, erasure and colours.
    const bytes = new TextEncoder().encode(terminal.raw).length;
    assert(bytes <= (frames + 1) * rows * (3 * columns + 40), `${bytes} bytes in ${frames} frames`);
    // The screen is erased once; later frames have only the lines that differ.
    assertEquals(terminal.raw.split("\x1b[2J").length - 1, 1);
    await terminal.type("q");
    assertEquals(await terminal.ended(), 1);
  });
}

import { assert, assertEquals, assertMatch } from "@std/assert";
import { progressText } from "../lib/terminal/progress.ts";
import { COMMAND, commandWith, run } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { SilentPort } from "../../tests/support/silence.ts";
import { Terminal } from "../../tests/support/terminal.ts";

Deno.test("tcp-checker shows a progress bar on a terminal, and removes it at the end", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  using terminal = new Terminal(["-t", "1h", open.target, silent.target]);
  await terminal.until(/^127\.0\.0\.1:\d+ +up .+\n\[#{10}-{10}\] 50% {2}1\/2 {2}\d\.\d\/s {2}\d:\d\d left$/);
  await silent.speak();
  assertEquals(await terminal.ended(), 0);
  assertMatch(terminal.text, /^127\.0\.0\.1:\d+ +up .+\n127\.0\.0\.1:\d+ +up .+$/);
  assertEquals(terminal.cursorColumn, 0);
});

Deno.test("tcp-checker --resolve all shows progress without a total, because names may have several addresses", async () => {
  using silent = await SilentPort.open();
  const name = closedPort().replace(/.*:/, "localhost:");
  using terminal = new Terminal(["--resolve", "all", "-t", "1h", name, name, name, silent.target]);
  await terminal.until(/checked|\d%/);
  assertMatch(terminal.text, /^[3-9] checked {2}[\d.]+\/s$/m);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
});

Deno.test("tcp-checker removes the progress bar on Ctrl-C", async () => {
  using silent = await SilentPort.open();
  using terminal = new Terminal(["-t", "1h", silent.target, silent.target]);
  await terminal.until(/0%/);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
  // The terminal echoes the key.
  assertMatch(terminal.text, /^(?:\^C)?$/);
});

Deno.test("tcp-checker cuts the progress bar to the width of the terminal", async () => {
  using silent = await SilentPort.open();
  using terminal = new Terminal(["-t", "1h", silent.target, silent.target], { columns: 12, rows: 5 });
  await terminal.until(/^\[-{10}$/);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
});

Deno.test("tcp-checker watch draws its view on a terminal of unknown size", async () => {
  using open = new OpenPort();
  using terminal = new Terminal(["watch", "-i", "100", open.target], { columns: 0, rows: 0 });
  await terminal.until(/^0 down, 1 up .+\nTARGET .+ HISTORY\n127\.0\.0\.1:\d+ +up /);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
});

Deno.test("tcp-checker wait shows the number of targets and the time left", async () => {
  using silent = await SilentPort.open();
  using terminal = new Terminal(["wait", "--deadline", "1h", "-t", "1h", silent.target]);
  await terminal.until(/^waiting for 1 target to come up \(3\d{3} s left\)$/);
  await silent.speak();
  assertEquals(await terminal.ended(), 0);
  assertMatch(terminal.text, /^127\.0\.0\.1:\d+ +up .+$/);
});

Deno.test("tcp-checker uses colours only on a terminal without NO_COLOR", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  using coloured = new Terminal([open.target, closed]);
  await coloured.ended();
  assert(coloured.raw.includes("\x1b[32mup         \x1b[39m"), coloured.raw);
  assert(coloured.raw.includes("\x1b[31mrefused    \x1b[39m"), coloured.raw);
  using plain = new Terminal([open.target, closed], { env: { NO_COLOR: "1" } });
  await plain.ended();
  assert(!plain.raw.includes("\x1b[3"), plain.raw);
  assertMatch(plain.text, / up .+\n.+ refused /);
  const { stdout } = await run([open.target], ["env", "-u", "NO_COLOR", ...COMMAND]);
  assert(!stdout.includes("\x1b"), stdout);
});

Deno.test("tcp-checker prints plain lines on a dumb terminal", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  // Deno's own progress bar ignores TERM: --quiet turns it off.
  const options = { env: { TERM: "dumb" }, command: commandWith("--allow-env=TERM", "--quiet") };
  // The runs are long enough for a progress bar.
  for (const args of [["-t", "1500"], ["watch", "-n", "1", "-t", "300"], ["wait", "--deadline", "1500ms"]]) {
    using terminal = new Terminal([...args, open.target, silent.target], options);
    assertEquals(await terminal.ended(), 1);
    assertMatch(terminal.raw, / up .+\r\n/);
    assert(!terminal.raw.includes("\x1b"), terminal.raw);
  }
});

Deno.test("progressText() shows the time left if the total is known", () => {
  assertEquals(progressText(500, 2000, 2000), "[#####---------------] 25%  500/2000  250/s  0:06 left");
  assertEquals(progressText(0, 2000, 2000), "[--------------------] 0%  0/2000  0.0/s");
  assertEquals(progressText(5, 50_000, 1000), "[--------------------] 0%  5/50000  5.0/s  2:46:39 left");
  assertEquals(progressText(2000, 2000, 2000), "[####################] 100%  2000/2000  1000/s  0:00 left");
  assertEquals(progressText(500, undefined, 2000), "500 checked  250/s");
});

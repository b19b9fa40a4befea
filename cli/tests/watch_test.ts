import { assert, assertEquals, assertMatch } from "@std/assert";
import { run, RunningCommand } from "../../tests/support/command.ts";
import { Statistics } from "../lib/statistics.ts";
import { tableLines } from "../lib/terminal/table.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { Terminal } from "../../tests/support/terminal.ts";

const HEADER = /^TARGET +STATE +RTT ms +LOSS +CHANGED +HISTORY$/;

Deno.test("tcp-checker watch redraws its table in place", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  using terminal = new Terminal(["watch", "-i", "50", "-n", "40", open.target, closed]);
  await terminal.until(/xxx/);
  // The last round is drawn before the end.
  assertEquals(await terminal.ended(), 1);
  const lines = terminal.text.split("\n");
  assertMatch(lines[0], HEADER);
  assertMatch(lines[1], new RegExp(`^${open.target} +up +\\d+\\.\\d{3} +0% +\\d+:\\d\\d  [▁▂▃▄▅▆▇█]{20}$`));
  assertMatch(lines[2], new RegExp(`^${closed} +refused +100% +\\d+:\\d\\d  x{20}$`));
  assertEquals(lines.length, 3);
});

Deno.test("tcp-checker watch shows a change of status", async () => {
  const open = new OpenPort();
  const { target } = open;
  using terminal = new Terminal(["watch", "-i", "20", target]);
  await terminal.until(/ up .*[▁▂▃▄▅▆▇█]/);
  open[Symbol.dispose]();
  await terminal.until(/ refused .*[▁▂▃▄▅▆▇█]x/);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
});

Deno.test("tcp-checker watch changes no mode of the terminal", async () => {
  using open = new OpenPort();
  using terminal = new Terminal(["watch", "-i", "20", open.target]);
  await terminal.until(/ up /);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
  // The last table stays, and the prompt is below it.
  assertEquals(terminal.screen.findIndex((line) => HEADER.test(line)), 0);
  assertEquals([terminal.text.split("\n").length, terminal.cursorColumn], [2, 0]);
  // No alternate screen and no hidden cursor: no mode is set.
  assert(!terminal.raw.includes("\x1b[?"), JSON.stringify(terminal.raw));
});

Deno.test("tcp-checker watch redraws its table when the terminal is resized", async () => {
  using open = new OpenPort();
  const targets = Array.from({ length: 12 }, (_, i) => `127.0.0.${i + 1}:${open.port}`);
  using terminal = new Terminal(["watch", "-i", "50", ...targets], { columns: 80, rows: 24 });
  await terminal.until(/127\.0\.0\.12:\d+ +refused .*x/);
  await terminal.resize(44, 9);
  // 9 lines: the header, 6 targets, the number of further targets, and the line of the cursor.
  await terminal.until(/^TARGET.*(?:\n127.+){6}\n6 more$/);
  await terminal.resize(100, 30);
  await terminal.until(/^TARGET.+HISTORY(?:\n127.+x|\n127.+[▁▂▃▄▅▆▇█]){12}$/);
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
  assertEquals(terminal.screen.filter((line) => HEADER.test(line)).length, 1);
});

Deno.test("the table shortens its history first, then the middle of its targets, and never their ports", () => {
  const target = { text: "a-long-name.example:8080", hostname: "a-long-name.example", port: 8080, isName: true };
  const row = new Statistics(target, 20);
  const address = { hostname: "192.0.2.1", port: 8080, family: 4 } as const;
  const times = { mode: "half-open", engine: "socket", dnsTime: 0, duration: 9, retransmits: 0 } as const;
  for (let rtt = 1; rtt <= 20; rtt++) row.add({ status: "up", target: row.target, address, ...times, rtt }, 0);
  const drawn = (columns: number) => tableLines([row], "given", { columns, rows: 24 }, 5000)[1];
  const values = "up     20.000    0%     0:05";
  assertEquals(drawn(80), `a-long-name.example:8080  ${values}  ▁▁▂▂▂▃▃▄▄▄▅▅▅▆▆▇▇▇██`);
  assertEquals(drawn(66), `a-long-name.example:8080  ${values}  ▅▅▅▆▆▇▇▇██`);
  assertEquals(drawn(50), `a-lon…:8080  ${values}  ▆▆▇▇▇██`);
});

Deno.test("tcp-checker watch --sort sorts the rows", async () => {
  using open = new OpenPort();
  const closed = closedPort("127.0.0.9");
  const targets = [open.target, `127.0.0.10:${open.port}`, closed];
  const sorted = async (key: string) => {
    using terminal = new Terminal(["watch", "-i", "10", "-n", "1", "--sort", key, ...targets]);
    await terminal.ended();
    return terminal.text.split("\n").slice(1).map((line) => targets.indexOf(line.split(" ")[0]));
  };
  assertEquals(await sorted("given"), [0, 1, 2]);
  assertEquals(await sorted("target"), [0, 2, 1]);
  assertEquals(await sorted("state"), [1, 2, 0]);
  assertEquals(await sorted("loss"), [1, 2, 0]);
  assertEquals((await sorted("rtt")).at(-1), 0);
});

Deno.test("tcp-checker watch prints one line per change without a terminal", async () => {
  const open = new OpenPort();
  const { target } = open;
  const command = new RunningCommand(["watch", "-i", "10", target]);
  await command.stdout.until(/ up /);
  open[Symbol.dispose]();
  await command.stdout.until(/ refused /);
  command.kill("SIGTERM");
  const { code, stdout, stderr } = await command.ended();
  const time = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]{12}Z";
  assertMatch(
    stdout,
    new RegExp(`^${time}  ${target}  up  \\d+\\.\\d{3} ms\n${time}  ${target}  refused  ECONNREFUSED\n$`),
  );
  assertEquals([code, stderr], [143, ""]);
});

Deno.test("tcp-checker watch -n has the exit status of the last round", async () => {
  using open = new OpenPort();
  assertEquals((await run(["watch", "-n", "2", "-i", "1", open.target])).code, 0);
  assertEquals((await run(["watch", "-n", "2", "-i", "1", open.target, closedPort()])).code, 1);
});

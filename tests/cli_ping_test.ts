import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMAND, run, RunningCommand } from "./support/command.ts";
import { closedPort, OpenPort } from "./support/listener.ts";

Deno.test("tcp-checker -i checks in rounds, and closes with statistics", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  const { code, stdout, stderr } = await run(["-i", "10ms", "-n", "3", open.target, closed]);
  const lines = stdout.split("\n").map((line) => line.trimEnd());
  assertEquals(
    lines.filter((line) => line.startsWith("[")).map((line) => line.split(/ +/).slice(0, 3)).sort(),
    [
      ["[1]", open.target, "up"],
      ["[1]", closed, "refused"],
      ["[2]", open.target, "up"],
      ["[2]", closed, "refused"],
      ["[3]", open.target, "up"],
      ["[3]", closed, "refused"],
    ].sort(),
  );
  const closing = stdout.slice(stdout.indexOf("\n\n"));
  const times = Array(5).fill("(\\d+\\.\\d{3})").join("/");
  const pattern = new RegExp(
    `^\n\n--- ${open.target} statistics ---\n3 sent, 3 up, 0% loss\nrtt min/avg/p50/p99/max = ${times} ms\n` +
      `\n--- ${closed} statistics ---\n3 sent, 0 up, 100% loss\n$`,
  );
  assertMatch(closing, pattern);
  const [min, avg, p50, p99, max] = pattern.exec(closing)!.slice(1).map(Number);
  assert(min <= avg && avg <= max && min <= p50 && p50 <= p99 && p99 === max, closing);
  assertEquals([code, stderr], [1, ""]);
});

Deno.test("tcp-checker -i starts no round early", async () => {
  using open = new OpenPort();
  const startedAt = performance.now();
  const { code } = await run(["-i", "100", "-n", "4", "-q", open.target]);
  assert(performance.now() - startedAt >= 300);
  assertEquals(code, 0);
});

Deno.test("tcp-checker -i goes on until Ctrl-C, and tells the statistics so far", async () => {
  using open = new OpenPort();
  const command = new RunningCommand(["-i", "1", open.target]);
  await command.stdout.until(/^\[5\]/m);
  command.kill("SIGINT");
  const { code, stdout } = await command.ended();
  const rounds = stdout.match(/^\[\d+\]/gm)!.length;
  assertMatch(
    stdout,
    new RegExp(`\n--- ${open.target} statistics ---\n${rounds} sent, ${rounds} up, 0% loss\nrtt .+\n$`),
  );
  assertEquals(code, 130);
});

Deno.test("tcp-checker -i has a target for up that was up once, as ping does", async () => {
  const open = new OpenPort();
  const { target } = open;
  const command = new RunningCommand(["-i", "20", "-n", "20", target]);
  await command.stdout.until(/^\[1\] .* up /m);
  open[Symbol.dispose]();
  const { code, stdout } = await command.ended();
  assertMatch(stdout, /refused/);
  assertEquals(code, 0);
});

Deno.test("tcp-checker -i ends when nobody reads its output any more", async () => {
  using open = new OpenPort();
  // The status is that of the command, and not that of head.
  const shell = ["bash", "-c", '"$@" | head -1; exit ${PIPESTATUS[0]}', "bash"];
  const { code, stdout, stderr } = await run(["-i", "1", open.target], [...shell, ...COMMAND]);
  assertMatch(stdout, /^\[1\] .+\n$/);
  assertEquals([code, stderr], [141, ""]);
});

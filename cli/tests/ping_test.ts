import { assert, assertEquals, assertMatch } from "@std/assert";
import { Statistics } from "../lib/statistics.ts";
import { COMMAND, run, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";

Deno.test("tcp-checker -i checks in rounds, and prints statistics at the end", async () => {
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

Deno.test("tcp-checker -i starts no round before its time", async () => {
  using open = new OpenPort();
  const startedAt = performance.now();
  const { code } = await run(["-i", "100", "-n", "4", "-q", open.target]);
  assert(performance.now() - startedAt >= 300);
  assertEquals(code, 0);
});

Deno.test("tcp-checker -i runs until Ctrl-C, and prints the statistics so far", async () => {
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

Deno.test("Statistics count a target as up if any check was up, and have exact percentiles", () => {
  const statistics = new Statistics({ text: "", hostname: "127.0.0.1", port: 1, isName: false });
  const base = { target: "", mode: "half-open", engine: "socket", dnsTime: 0, duration: 1 } as const;
  const address = { hostname: "127.0.0.1", port: 1, family: 4 } as const;
  statistics.add({ ...base, status: "timeout", phase: "connect", retransmits: 0 });
  assertEquals([statistics.overall?.status, statistics.loss, statistics.roundTrips()], ["timeout", 1, undefined]);
  // 100 to 1 is in neither numeric nor lexical order.
  for (let rtt = 100; rtt > 0; rtt--) statistics.add({ ...base, status: "up", address, rtt, retransmits: 0 });
  for (let i = 0; i < 99; i++) {
    statistics.add({ ...base, status: "refused", address, code: "ECONNREFUSED", errno: 111 });
  }
  assertEquals([statistics.overall, statistics.checks, statistics.up, statistics.loss], [
    { status: "up" },
    200,
    100,
    0.5,
  ]);
  assertEquals(statistics.roundTrips(), { min: 1, avg: 50.5, p50: 50, p99: 99, max: 100 });
});

Deno.test("tcp-checker -i ends with status 141 when its reader closes stdout", async () => {
  using open = new OpenPort();
  // The exit status is the command's, not head's.
  const shell = ["bash", "-c", '"$@" | head -1; exit ${PIPESTATUS[0]}', "bash"];
  const { code, stdout, stderr } = await run(["-i", "1", open.target], [...shell, ...COMMAND]);
  assertMatch(stdout, /^\[1\] .+\n$/);
  assertEquals([code, stderr], [141, ""]);
});

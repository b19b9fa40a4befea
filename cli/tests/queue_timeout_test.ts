/** `--queue-timeout`: each output format shows a check that timed out in the local queue. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { explainSteps } from "@tcp-shaker/monitor/explain";
import { OpenPort } from "../../tests/support/listener.ts";
import { run } from "../../tests/support/shared_command.ts";

/** Runs the command with two checks, of which only one can start in time. */
async function runLate(...args: string[]): Promise<{ code: number; stdout: string; late: string }> {
  using open = new OpenPort();
  using other = new OpenPort();
  const { code, stdout } = await run(["--rate", "0.1", "--queue-timeout", "50ms", ...args, open.target, other.target]);
  return { code, stdout, late: other.target };
}

Deno.test("tcp-checker --queue-timeout prints a timeout in a local queue, and fails", async () => {
  const { code, stdout, late } = await runLate();
  assertMatch(stdout, new RegExp(`^${late} {2}timeout +in a local queue$`, "m"));
  assertEquals(code, 4);
});

Deno.test("the exit status of each mode distinguishes a timeout in a local queue from a timeout of the target", async (t) => {
  const modes = [["-i", "100ms", "-n", "2"], ["watch", "-i", "100ms", "-t", "100ms", "-n", "2"], [
    "wait",
    "--deadline",
    "2s",
  ]];
  for (const mode of [...modes, ["scan"], ["-n", "2"]]) {
    await t.step(mode.join(" "), async () => {
      const { code, stdout } = await runLate(...mode);
      assertEquals(code, 4, stdout);
    });
  }
});

Deno.test("tcp-checker --json and --csv have the phase queue", async () => {
  const { stdout, late } = await runLate("--json");
  const result = stdout.trim().split("\n").map((line) => JSON.parse(line)).find(({ target }) => target === late);
  assertEquals([result.status, result.phase, result.duration_ms, result.address], ["timeout", "queue", 0, undefined]);
  assertEquals(result.queue_ms > 49, true);
  const csv = await runLate("--csv");
  assertMatch(csv.stdout, /,timeout,,,half-open,socket,,0,queue,,0,0,\d+\.?\d*,\r\n/);
});

Deno.test("tcp-checker --nagios is UNKNOWN after a timeout in a local queue", async () => {
  const { code, stdout, late } = await runLate("--nagios");
  assertEquals(code, 3);
  assertStringIncludes(stdout, `TCP UNKNOWN - 1/2 up, ${late} timeout in a local queue`);
});

Deno.test("tcp-checker --prometheus has no tcp_check_up for a timeout in a local queue", async () => {
  const { stdout, late } = await runLate("--prometheus");
  assertEquals(stdout.includes(`tcp_check_up{target="${late}"}`), false);
  assertStringIncludes(stdout, `tcp_check_result_info{target="${late}",status="timeout",code="queue",`);
});

Deno.test("the explanation of a timeout in a local queue names the queues and the time", () => {
  const [step, ...others] = explainSteps({
    ...{ status: "timeout", phase: "queue", retransmits: 0, queueTime: 51.5 },
    ...{ target: "192.0.2.1:80", mode: "half-open", engine: "socket", dnsTime: 0, duration: 0 },
  });
  assertStringIncludes(step, "the check waited 51.5ms in local queues, for a lookup, a socket, a port or the rate");
  assertEquals(others, ["the state of the target is unknown"]);
});

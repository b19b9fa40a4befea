/** `tcp-checker monitor --database` as a process that may only access that file. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandWith, RunningCommand } from "../../tests/support/command.ts";
import { OpenPort } from "../../tests/support/listener.ts";

/** Permissions to load the worker's modules in a checkout. */
const WORKER = new URL("../../monitor/lib/history", import.meta.url).pathname;

/** A folder for a database, and the command that may use it. */
class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync();
  readonly file = `${this.path}/history.db`;
  readonly config = `${this.path}/agent.yml`;
  readonly command = commandWith(
    `--allow-read=${this.file},${this.config},${WORKER}`,
    `--allow-write=${this.file}`,
    "--allow-net=127.0.0.1",
  );

  monitor(...args: string[]): RunningCommand {
    return new RunningCommand(["monitor", ...args], this.command);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

Deno.test("tcp-checker monitor --database restores the states of the previous run", async () => {
  using folder = new Folder();
  const open = new OpenPort();
  const args = ["-i", "50ms", "--json", "--database", folder.file, open.target];
  const first = folder.monitor(...args);
  await first.stdout.until(/"to":"up"/);
  first.kill("SIGTERM");
  const { code, stderr } = await first.ended();
  assertEquals([code, stderr.includes("history")], [0, false]);

  const second = folder.monitor(...args);
  open[Symbol.dispose]();
  const text = await second.stdout.until(/"to":"down"/);
  second.kill("SIGTERM");
  await second.ended();
  // Without the stored state the transition would be from unknown.
  const { from, initial } = JSON.parse(text.trim());
  assertEquals([from, initial], ["up", false]);
});

Deno.test("tcp-checker monitor --config --database shows the history in metrics and the API", async () => {
  using folder = new Folder();
  using open = new OpenPort();
  Deno.writeTextFileSync(folder.config, `monitor: { interval: 50ms }\ntargets: ["${open.target}"]\n`);
  const args = ["--config", folder.config, "--database", folder.file, "--listen", "127.0.0.1:0"];
  const command = folder.monitor(...args);
  const [, address] = (await command.stderr.until(/listening on .*\n/)).match(/listening on (.*)\n/)!;
  await command.stdout.until(/ {2}up {2}/);
  let events: { id: string; event: { type: string } }[] = [];
  // Events are written within a second.
  while (events.length === 0) {
    events = (await (await fetch(`http://${address}/api/v1/events`)).json()).events;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertMatch(events[0].id, /^\d+-1$/);
  assertEquals(events[0].event.type, "transition");
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  assertMatch(metrics, /^tcp_checker_history_up 1$/m);
  assertMatch(metrics, /^tcp_checker_history_size_bytes [1-9]\d+$/m);
  command.kill("SIGTERM");
  assertEquals((await command.ended()).code, 0);
});

Deno.test("tcp-checker monitor continues without a history if it has no permission to write the file", async () => {
  using folder = new Folder();
  using open = new OpenPort();
  const command = new RunningCommand(
    ["monitor", "-i", "50ms", "--database", folder.file, open.target],
    commandWith(`--allow-read=${folder.file},${WORKER}`),
  );
  await command.stdout.until(/ {2}up {2}/);
  command.kill("SIGTERM");
  const { code, stderr } = await command.ended();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "Checks continue without a history");
  assertMatch(stderr, /write access|allow-write/);
});

Deno.test("a second monitor with the same database reports the lock, and continues without a history", async () => {
  using folder = new Folder();
  using open = new OpenPort();
  const args = ["-i", "50ms", "--database", folder.file, open.target];
  const first = folder.monitor(...args);
  await first.stdout.until(/ {2}up {2}/);
  const second = folder.monitor(...args);
  await second.stderr.until(/another process writes to it: end that process, or choose another path/);
  await second.stdout.until(/ {2}up {2}/);
  first.kill("SIGTERM");
  await first.ended();
  // The second process takes over the file.
  await second.stderr.until(/The history is written to .* again/);
  second.kill("SIGTERM");
  assertEquals((await second.ended()).code, 0);
});

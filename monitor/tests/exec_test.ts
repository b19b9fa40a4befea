/** The sink that runs programs: their input, their order, and the limits of their number and time. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TargetTransition } from "../mod.ts";
import { type ExecOptions, ExecSink, limitRepeats } from "../lib/sinks/exec.ts";
import { HeldClock, settle } from "./support/held_clock.ts";

/** Sinks that run a shell script; `$folder` is the sink's own folder. */
class Fixture implements AsyncDisposable {
  readonly failures: string[] = [];
  readonly #folder: string;
  readonly sink: ExecSink;

  readonly clock = new HeldClock();
  #failed = Promise.withResolvers<void>();

  private constructor(folder: string, program: string, options?: ExecOptions) {
    this.#folder = folder;
    const onFailure = (message: string) => this.#onFailure(message);
    this.sink = new ExecSink(program, { onFailure, clock: this.clock, closeTimeout: 10_000, ...options });
  }

  #onFailure(message: string): void {
    this.failures.push(message);
    this.#failed.resolve();
    this.#failed = Promise.withResolvers();
  }

  /** Waits until a number of runs have failed, and the sink has processed that. */
  async untilFailed(times: number): Promise<void> {
    while (this.failures.length < times) await this.#failed.promise;
    await settle();
  }

  static async create(script: string, options?: ExecOptions): Promise<Fixture> {
    const folder = await Deno.makeTempDir();
    const program = `${folder}/program`;
    await Deno.writeTextFile(program, `#!/bin/sh\nfolder=${folder}\n${script}\n`, { mode: 0o755 });
    return new Fixture(folder, program, options);
  }

  /** The lines of a file that the script has written. */
  async lines(file: string): Promise<string[]> {
    return (await Deno.readTextFile(`${this.#folder}/${file}`)).trimEnd().split("\n");
  }

  /** Waits until a file is there. */
  async until(file: string): Promise<void> {
    const watcher = Deno.watchFs(this.#folder);
    const isThere = () => Deno.stat(`${this.#folder}/${file}`).then(() => true, () => false);
    if (!await isThere()) {
      for await (const _ of watcher) if (await isThere()) return;
    }
    watcher.close();
  }

  async write(file: string): Promise<void> {
    await Deno.writeTextFile(`${this.#folder}/${file}`, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function transition(id: string, from: TargetTransition["from"], to: TargetTransition["to"]): TargetTransition {
  const initial = from === "unknown";
  const about = { id, target: `${id}:1`, group: "", labels: {}, at: 0, sequence: 1 };
  return { type: "transition", ...about, from, to, count: 1, of: 1, duration: 1, initial };
}

/** Prints its input, then waits for the file `go`. */
const HELD = 'echo "$*" >>$folder/calls; touch $folder/begun; until [ -e $folder/go ]; do sleep 0.01; done';

Deno.test("a first verdict that waits for the summary is dropped when the target goes down", async () => {
  await using fixture = await Fixture.create('echo "$*" >>$folder/calls');
  fixture.sink.take(transition("a", "unknown", "up"));
  fixture.sink.take(transition("b", "unknown", "up"));
  fixture.sink.take(transition("a", "up", "down"));
  await fixture.sink[Symbol.asyncDispose]();
  assertEquals((await fixture.lines("calls")).sort(), ["summary 1", "transition a a:1 up down"]);
  assertEquals([fixture.sink.dropped, fixture.failures], [1, []]);
});

Deno.test("a first verdict is sent after a running program for an earlier transition of its target", async () => {
  await using fixture = await Fixture.create(HELD);
  fixture.sink.take(transition("a", "up", "unknown"));
  await fixture.until("begun");
  fixture.sink.take(transition("a", "unknown", "up"));
  const ended = fixture.sink[Symbol.asyncDispose]();
  await fixture.write("go");
  await ended;
  assertEquals(await fixture.lines("calls"), ["transition a a:1 up unknown", "transition a a:1 unknown up"]);
});

Deno.test("at most eight programs run at once, and only the newest transition of a target waits", async () => {
  await using fixture = await Fixture.create(
    `echo begins >>$folder/log; echo "$*" >>$folder/calls; cat >/dev/null
    until [ -e $folder/go ]; do sleep 0.01; done; echo ends >>$folder/log`,
  );
  fixture.sink.take(transition("first", "unknown", "up"));
  for (let i = 0; i < 20; i++) fixture.sink.take(transition(`t${i}`, "up", "down"));
  for (let i = 0; i < 20; i++) fixture.sink.take(transition(`t${i}`, "down", "up"));
  const ended = fixture.sink[Symbol.asyncDispose]();
  await fixture.write("go");
  await ended;
  let [running, most] = [0, 0];
  for (const line of await fixture.lines("log")) most = Math.max(most, running += line === "begins" ? 1 : -1);
  const calls = await fixture.lines("calls");
  // 8 had begun with the first transition; the other 12 ran with only the newest one.
  assertEquals([calls.length, calls.filter((line) => line.endsWith("down")).length, fixture.sink.dropped], [29, 8, 12]);
  assert(most <= 8, `${most} at once`);
});

Deno.test("a program that ignores SIGTERM is killed, and the end drops the queue", async () => {
  await using fixture = await Fixture.create(
    `trap '' TERM; echo >>$folder/runs; [ $(wc -l <$folder/runs) -lt 8 ] || touch $folder/begun
    while :; do sleep 0.01; done`,
    { timeout: 300, closeTimeout: 300 },
  );
  for (let i = 0; i < 1000; i++) fixture.sink.take(transition(`t${i}`, "up", "down"));
  await fixture.until("begun");
  await fixture.sink[Symbol.asyncDispose]();
  assert(fixture.sink.dropped > 900, String(fixture.sink.dropped));
  assertMatch(fixture.failures[0], /was killed, because/);
  assert(
    fixture.failures.some((message) => message.includes(`for ${fixture.sink.dropped} events`)),
    fixture.failures.join(),
  );
});

Deno.test("the end of a sink does not wait for the time limit of a hanging program", async () => {
  await using fixture = await Fixture.create("touch $folder/begun; exec sleep 600", {
    timeout: 600_000,
    closeTimeout: 100,
  });
  fixture.sink.take(transition("a", "up", "down"));
  await fixture.until("begun");
  await fixture.sink[Symbol.asyncDispose]();
  assertMatch(fixture.failures.join(), /was killed, because/);
});

Deno.test("a failed run is retried with back-off until it succeeds", async () => {
  await using fixture = await Fixture.create('echo "$*" >>$folder/calls; [ $(wc -l <$folder/calls) -gt 3 ]');
  fixture.sink.take(transition("a", "up", "down"));
  for (const [failed, pause] of [[1, 1000], [2, 2000], [3, 4000]]) {
    await fixture.untilFailed(failed);
    await fixture.clock.pass(pause - 1);
    assertEquals([(await fixture.lines("calls")).length, fixture.sink.statistics().waiting], [failed, 1]);
    await fixture.clock.pass(1);
  }
  await fixture.sink[Symbol.asyncDispose]();
  assertEquals(await fixture.lines("calls"), Array.from({ length: 4 }, () => "transition a a:1 up down"));
  assertEquals(fixture.sink.statistics(), { delivered: 1, failed: 3, dropped: 0, waiting: 0 });
});

Deno.test("a newer transition replaces a failed one, and runs at once", async () => {
  await using fixture = await Fixture.create('echo "$*" >>$folder/calls; [ "$5" = up ]');
  fixture.sink.take(transition("a", "up", "down"));
  await fixture.untilFailed(1);
  fixture.sink.take(transition("a", "down", "up"));
  await fixture.sink[Symbol.asyncDispose]();
  await fixture.clock.pass(60_000);
  assertEquals(await fixture.lines("calls"), ["transition a a:1 up down", "transition a a:1 down up"]);
  assertEquals(fixture.sink.dropped, 1);
});

Deno.test("a removed target has no further run", async () => {
  await using fixture = await Fixture.create(
    'echo "$*" >>$folder/calls; touch $folder/begun; until [ -e $folder/go ]; do sleep 0.01; done; false',
  );
  const remove = (id: string) => fixture.sink.take({ ...transition(id, "up", "down"), type: "removed" });
  for (let i = 0; i < 9; i++) fixture.sink.take(transition(`t${i}`, "up", "down"));
  await fixture.until("begun");
  // The first one runs, the last one waits for a program to end.
  remove("t0");
  remove("t8");
  assertEquals([fixture.sink.statistics().waiting, fixture.sink.dropped], [8, 1]);
  await fixture.write("go");
  await fixture.untilFailed(8);
  assertEquals(fixture.sink.statistics().waiting, 7);
  for (let i = 1; i < 8; i++) remove(`t${i}`);
  assertEquals(fixture.sink.statistics(), { delivered: 0, failed: 8, dropped: 8, waiting: 0 });
  await fixture.sink[Symbol.asyncDispose]();
});

Deno.test("a failed summary is retried without the targets that have changed state since", async () => {
  await using fixture = await Fixture.create('echo "$*" >>$folder/calls; [ -e $folder/go ]');
  for (const id of ["a", "b", "c"]) fixture.sink.take(transition(id, "unknown", "up"));
  await fixture.untilFailed(1);
  await fixture.write("go");
  fixture.sink.take(transition("b", "up", "down"));
  await fixture.clock.pass(1000);
  await fixture.sink[Symbol.asyncDispose]();
  const [first, ...others] = await fixture.lines("calls");
  assertEquals([first, others.sort()], ["summary 3", ["summary 2", "transition b b:1 up down"]]);
});

Deno.test("programs that can't run or fail are reported", async () => {
  await using fixture = await Fixture.create("exit 3");
  fixture.sink.take(transition("a", "up", "down"));
  await fixture.sink[Symbol.asyncDispose]();
  assertMatch(fixture.failures.join(), /^Program ".*\/program" ended with status 3$/);
  const failures: string[] = [];
  const missing = new ExecSink("/nothing/here", { onFailure: (message) => failures.push(message) });
  missing.take(transition("a", "up", "down"));
  await missing[Symbol.asyncDispose]();
  assertEquals(failures, ['Cannot run "/nothing/here": there is no such program']);
  const commandLine = new ExecSink("echo hello", { onFailure: (message) => failures.push(message) });
  commandLine.take(transition("a", "up", "down"));
  await commandLine[Symbol.asyncDispose]();
  assertEquals(
    failures[1],
    'Cannot run "echo hello": there is no such program: give the name of a program, not a command line',
  );
});

Deno.test("equal messages are limited to one per minute, and counted", async () => {
  const clock = new HeldClock();
  const calls: string[] = [];
  const tell = limitRepeats((message) => calls.push(message), clock);
  for (let second = 0; second < 90; second++) {
    tell("a is down");
    if (second === 30) tell("b is down");
    await clock.pass(1000);
  }
  assertEquals(calls, ["a is down", "b is down", "a is down (60 times since)"]);
});

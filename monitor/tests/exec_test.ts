/** The sink that runs programs: their input, their order, and the limits of their number and time. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TargetTransition } from "../mod.ts";
import { type ExecOptions, ExecSink, limitRepeats } from "../lib/sinks/exec.ts";
import { HeldClock, settle } from "./support/held_clock.ts";

/** Sinks that run a shell script; `$folder` is the sink's own folder. */
class Scene implements AsyncDisposable {
  readonly failures: string[] = [];
  readonly #folder: string;
  readonly sink: ExecSink;

  readonly clock = new HeldClock();
  #news = Promise.withResolvers<void>();

  private constructor(folder: string, program: string, options?: ExecOptions) {
    this.#folder = folder;
    const onFailure = (message: string) => this.#onFailure(message);
    this.sink = new ExecSink(program, { onFailure, clock: this.clock, closeTimeout: 10_000, ...options });
  }

  #onFailure(message: string): void {
    this.failures.push(message);
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** Waits until a number of runs have failed, and the sink has processed that. */
  async untilFailed(times: number): Promise<void> {
    while (this.failures.length < times) await this.#news.promise;
    await settle();
  }

  static async set(script: string, options?: ExecOptions): Promise<Scene> {
    const folder = await Deno.makeTempDir();
    const program = `${folder}/program`;
    await Deno.writeTextFile(program, `#!/bin/sh\nfolder=${folder}\n${script}\n`, { mode: 0o755 });
    return new Scene(folder, program, options);
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
const HELD = 'echo "$*" >>$folder/told; touch $folder/begun; until [ -e $folder/go ]; do sleep 0.01; done';

Deno.test("a first verdict that waits for the summary is dropped when the target goes down", async () => {
  await using scene = await Scene.set('echo "$*" >>$folder/told');
  scene.sink.take(transition("a", "unknown", "up"));
  scene.sink.take(transition("b", "unknown", "up"));
  scene.sink.take(transition("a", "up", "down"));
  await scene.sink[Symbol.asyncDispose]();
  assertEquals((await scene.lines("told")).sort(), ["summary 1", "transition a a:1 up down"]);
  assertEquals([scene.sink.dropped, scene.failures], [1, []]);
});

Deno.test("a first verdict is sent after a running program for an earlier transition of its target", async () => {
  await using scene = await Scene.set(HELD);
  scene.sink.take(transition("a", "up", "unknown"));
  await scene.until("begun");
  scene.sink.take(transition("a", "unknown", "up"));
  const ended = scene.sink[Symbol.asyncDispose]();
  await scene.write("go");
  await ended;
  assertEquals(await scene.lines("told"), ["transition a a:1 up unknown", "transition a a:1 unknown up"]);
});

Deno.test("at most eight programs run at once, and only the newest transition of a target waits", async () => {
  await using scene = await Scene.set(
    `echo begins >>$folder/log; echo "$*" >>$folder/told; cat >/dev/null
    until [ -e $folder/go ]; do sleep 0.01; done; echo ends >>$folder/log`,
  );
  scene.sink.take(transition("first", "unknown", "up"));
  for (let i = 0; i < 20; i++) scene.sink.take(transition(`t${i}`, "up", "down"));
  for (let i = 0; i < 20; i++) scene.sink.take(transition(`t${i}`, "down", "up"));
  const ended = scene.sink[Symbol.asyncDispose]();
  await scene.write("go");
  await ended;
  let [running, most] = [0, 0];
  for (const line of await scene.lines("log")) most = Math.max(most, running += line === "begins" ? 1 : -1);
  const told = await scene.lines("told");
  // 8 had begun with the first transition; the other 12 ran with only the newest one.
  assertEquals([told.length, told.filter((line) => line.endsWith("down")).length, scene.sink.dropped], [29, 8, 12]);
  assert(most <= 8, `${most} at once`);
});

Deno.test("a program that ignores SIGTERM is killed, and the end drops the queue", async () => {
  await using scene = await Scene.set(
    `trap '' TERM; echo >>$folder/runs; [ $(wc -l <$folder/runs) -lt 8 ] || touch $folder/begun
    while :; do sleep 0.01; done`,
    { timeout: 300, closeTimeout: 300 },
  );
  for (let i = 0; i < 1000; i++) scene.sink.take(transition(`t${i}`, "up", "down"));
  await scene.until("begun");
  await scene.sink[Symbol.asyncDispose]();
  assert(scene.sink.dropped > 900, String(scene.sink.dropped));
  assertMatch(scene.failures[0], /was killed, because/);
  assert(scene.failures.some((message) => message.includes(`for ${scene.sink.dropped} events`)), scene.failures.join());
});

Deno.test("the end of a sink does not wait for the time limit of a hanging program", async () => {
  await using scene = await Scene.set("touch $folder/begun; exec sleep 600", { timeout: 600_000, closeTimeout: 100 });
  scene.sink.take(transition("a", "up", "down"));
  await scene.until("begun");
  await scene.sink[Symbol.asyncDispose]();
  assertMatch(scene.failures.join(), /was killed, because/);
});

Deno.test("a failed run is retried with back-off until it succeeds", async () => {
  await using scene = await Scene.set('echo "$*" >>$folder/told; [ $(wc -l <$folder/told) -gt 3 ]');
  scene.sink.take(transition("a", "up", "down"));
  for (const [failed, pause] of [[1, 1000], [2, 2000], [3, 4000]]) {
    await scene.untilFailed(failed);
    await scene.clock.pass(pause - 1);
    assertEquals([(await scene.lines("told")).length, scene.sink.statistics().waiting], [failed, 1]);
    await scene.clock.pass(1);
  }
  await scene.sink[Symbol.asyncDispose]();
  assertEquals(await scene.lines("told"), Array.from({ length: 4 }, () => "transition a a:1 up down"));
  assertEquals(scene.sink.statistics(), { delivered: 1, failed: 3, dropped: 0, waiting: 0 });
});

Deno.test("a newer transition replaces a failed one, and runs at once", async () => {
  await using scene = await Scene.set('echo "$*" >>$folder/told; [ "$5" = up ]');
  scene.sink.take(transition("a", "up", "down"));
  await scene.untilFailed(1);
  scene.sink.take(transition("a", "down", "up"));
  await scene.sink[Symbol.asyncDispose]();
  await scene.clock.pass(60_000);
  assertEquals(await scene.lines("told"), ["transition a a:1 up down", "transition a a:1 down up"]);
  assertEquals(scene.sink.dropped, 1);
});

Deno.test("a failed summary is retried without the targets that have changed state since", async () => {
  await using scene = await Scene.set('echo "$*" >>$folder/told; [ -e $folder/go ]');
  for (const id of ["a", "b", "c"]) scene.sink.take(transition(id, "unknown", "up"));
  await scene.untilFailed(1);
  await scene.write("go");
  scene.sink.take(transition("b", "up", "down"));
  await scene.clock.pass(1000);
  await scene.sink[Symbol.asyncDispose]();
  const [first, ...others] = await scene.lines("told");
  assertEquals([first, others.sort()], ["summary 3", ["summary 2", "transition b b:1 up down"]]);
});

Deno.test("programs that can't run or fail are reported", async () => {
  await using scene = await Scene.set("exit 3");
  scene.sink.take(transition("a", "up", "down"));
  await scene.sink[Symbol.asyncDispose]();
  assertMatch(scene.failures.join(), /^Program ".*\/program" ended with status 3$/);
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
  const told: string[] = [];
  const tell = limitRepeats((message) => told.push(message), clock);
  for (let second = 0; second < 90; second++) {
    tell("a is down");
    if (second === 30) tell("b is down");
    await clock.pass(1000);
  }
  assertEquals(told, ["a is down", "b is down", "a is down (60 times since)"]);
});

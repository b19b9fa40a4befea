/** JSON lines: events in order, bounded while the stream is slow, and a stream that fails. */

import { assert, assertEquals } from "@std/assert";
import { JsonLinesSink } from "../../lib/sinks/json_lines.ts";
import { settle } from "../support/held_clock.ts";
import { StateTable } from "../support/state_table.ts";

const states = new StateTable(() => 0);

/** A stream that keeps its chunks, and accepts one only once `ready` is fulfilled. */
function keeping(ready: Promise<void>): { stream: WritableStream<Uint8Array>; lines: () => { id: string }[] } {
  let text = "";
  const decoder = new TextDecoder();
  const stream = new WritableStream<Uint8Array>({
    async write(chunk) {
      await ready;
      text += decoder.decode(chunk, { stream: true });
    },
  });
  return { stream, lines: () => text.trim().split("\n").map((line) => JSON.parse(line)) };
}

Deno.test("each event is a line of JSON, with the time in RFC 3339", async () => {
  const { stream, lines } = keeping(Promise.resolve());
  {
    await using sink = new JsonLinesSink(stream);
    const event = states.transition("a\u009b", "down");
    assert(event.type === "transition");
    sink.take({ ...event, duration: 1.0005004 });
  }
  const [line] = lines();
  assertEquals(line, {
    schema: "tcp-checker-event/1",
    at: "1970-01-01T00:00:00.000Z",
    type: "transition",
    id: "a\u009b",
    target: "a\u009b:80",
    group: "",
    labels: {},
    sequence: 1,
    from: "unknown",
    to: "down",
    count: 1,
    of: 1,
    duration: 1.001,
    initial: true,
  } as never);
});

Deno.test("a slow stream loses the oldest of over 10,000 waiting events", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { stream, lines } = keeping(promise);
  await using sink = new JsonLinesSink(stream);
  // The first line is being written.
  for (let i = 0; i < 10_006; i++) sink.take(states.transition(String(i), "up"));
  const { dropped, waiting } = sink.statistics();
  assertEquals([dropped, waiting], [5, 10_000]);
  resolve();
  await sink[Symbol.asyncDispose]();
  assertEquals(lines().slice(0, 2).map(({ id }) => id), ["0", "6"]);
  assertEquals(lines().length, 10_001);
});

Deno.test("a stream that fails is reported once, and gets no further event", async () => {
  const failures: string[] = [];
  const stream = new WritableStream({
    write() {
      throw new Error("Broken pipe");
    },
  });
  await using sink = new JsonLinesSink(stream, { onFailure: (message) => failures.push(message) });
  for (let i = 0; i < 3; i++) {
    sink.take(states.transition("a", "up"));
    await settle();
  }
  assertEquals(failures, ["Cannot write events: Broken pipe"]);
  assertEquals(sink.statistics(), { delivered: 0, failed: 1, dropped: 2, waiting: 0 });
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../../../monitor/tests/support/random.ts";
import { type Chunk, chunksOf, linesOf } from "../../lib/list/chunks.ts";
import { formatLine, listed, parseLine } from "../../lib/list/target_line.ts";
import { MAX_CHUNK_BYTES } from "../../lib/protocol/limits.ts";
import { scaled } from "../../../tests/support/scale.ts";

function targets(count: number) {
  return Array.from({ length: count }, (_, i) => listed(`host-${i}.example:${1000 + i % 50_000}`));
}

function texts(chunks: Iterable<Chunk>): string[] {
  return [...chunks].map(({ data }) => new TextDecoder().decode(data));
}

Deno.test("chunks have all targets, in order of id, and are at most 512 KiB long", () => {
  const list = targets(scaled(100_000, 20_000));
  const chunks = [...chunksOf(list)];
  const mean = list.length / chunks.length;
  assert(mean > 1700 && mean < 10_000, `${chunks.length}`);
  for (const { data, targets } of chunks) {
    assert(data.length <= MAX_CHUNK_BYTES);
    assertEquals(linesOf(data).length, targets);
  }
  const ids = chunks.flatMap(({ data }) => linesOf(data)).map((line) => parseLine(line).id);
  assertEquals(ids, list.map(({ id }) => id).sort());
});

Deno.test("the order of targets and keys does not matter", () => {
  const one = listed({
    target: "a:1",
    id: "x",
    group: "g",
    labels: { b: "1", a: "2" },
    window: { of: 3, failures: 1 },
  });
  const other = listed({
    window: { failures: 1, of: 3 },
    labels: { a: "2", b: "1" },
    group: "g",
    id: "x",
    target: "a:1",
  });
  assertEquals(formatLine(one), formatLine(other));
  const list = [one, ...targets(5000)];
  assertEquals(texts(chunksOf(list.toReversed())), texts(chunksOf(list)));
});

Deno.test("adding, removing or changing a target changes one chunk, or two at a bound", () => {
  const list = targets(scaled(30_000, 10_000));
  const before = new Set(texts(chunksOf(list)));
  const random = new Random(1);
  for (let run = 0; run < scaled(10, 3); run++) {
    const place = random.integer(0, list.length - 1);
    const changed = [
      list.toSpliced(place, 1),
      list.toSpliced(place, 0, listed(`another-${run}.example:1`)),
      list.toSpliced(place, 1, { ...list[place], group: "other" }),
    ];
    for (const other of changed) {
      const fresh = texts(chunksOf(other)).filter((text) => !before.has(text));
      assert(fresh.length >= 1 && fresh.length <= 2, `${fresh.length}`);
    }
  }
});

Deno.test("long targets are cut into chunks by size, and one that fits into none is an error", () => {
  const long = (id: string, length: number) => listed({ target: "a:1", id, labels: { note: "x".repeat(length) } });
  const chunks = [...chunksOf(["a", "b", "c"].map((id) => long(id, 300_000)))];
  assertEquals(chunks.map(({ targets }) => targets), [1, 1, 1]);
  assertThrows(() => [...chunksOf([long("a", MAX_CHUNK_BYTES)])], RangeError, "bytes as JSON");
});

Deno.test("a line is parsed to the target that it was formatted from", () => {
  for (const target of [listed("a:1"), listed({ target: "a:1", id: "é\n", labels: {}, rise: 1 })]) {
    const line = formatLine(target);
    assertEquals(line.includes("\n"), false);
    assertEquals(parseLine(line), target);
  }
  assertEquals(formatLine(listed({ target: "a:1" })), `"a:1"`);
});

Deno.test("an empty list has no chunk", () => {
  assertEquals([...chunksOf([])], []);
});

import { assert, assertEquals } from "@std/assert";
import { Permutation, shuffled } from "../lib/targets/shuffled.ts";
import { TargetSet } from "../lib/targets/target_set.ts";
import { run } from "../../tests/support/shared_command.ts";

Deno.test("tcp-checker scan checks each target once, in an order that the seed selects", async () => {
  const scanned = async (...args: string[]) => {
    const { code, stdout } = await run(["scan", ...args, "127.0.0.0/27:1,3", "[::1]:1-8"]);
    assertEquals(code, 0);
    return stdout.split("\n").slice(0, -1).map((line) => line.split(" ")[0]);
  };
  // One check in flight keeps the lines in the order of the checks.
  const first = await scanned("--seed", "1", "-c", "1");
  const inOrder = [
    ...Array.from({ length: 32 }, (_, i) => [`127.0.0.${i}:1`, `127.0.0.${i}:3`]).flat(),
    ...Array.from({ length: 8 }, (_, i) => `[::1]:${i + 1}`),
  ];
  assertEquals(first.toSorted(), inOrder.toSorted());
  assert(first.join() !== inOrder.join());
  assertEquals(await scanned("--seed", "1", "-c", "1"), first);
  assert((await scanned("--seed", "2", "-c", "1")).join() !== first.join());
});

Deno.test("Permutation yields every number below its size once", () => {
  for (const size of [1, 2, 3, 4, 5, 16, 17, 1000, 65536, 65537]) {
    for (const seed of [0, 1, 2 ** 32 - 1]) {
      const permutation = new Permutation(size, seed);
      const numbers = new Set(Array.from({ length: size }, (_, i) => permutation.at(i)));
      assertEquals(numbers.size, size);
      for (const number of numbers) assert(number >= 0 && number < size && Number.isInteger(number));
    }
  }
});

Deno.test("Permutation is uniform: neighbours are far apart, and each tenth of the range gets a tenth of the targets", () => {
  const size = 100_000;
  const permutation = new Permutation(size, 7);
  const order = Array.from({ length: 10_000 }, (_, i) => permutation.at(i));
  // Of 10,000 samples from 100,000, 1,000 ± 30 (one standard deviation) fall into each tenth.
  const tenths = Map.groupBy(order, (number) => Math.floor(number / size * 10));
  assertEquals(tenths.size, 10);
  for (const { length } of tenths.values()) assert(Math.abs(length - 1000) < 200, `${length}`);
  const steps = order.slice(1).map((number, i) => Math.abs(number - order[i]));
  const mean = steps.reduce((sum, step) => sum + step) / steps.length;
  // The mean distance of random numbers is a third of the size.
  assert(Math.abs(mean - size / 3) < size / 30, `${mean}`);
});

Deno.test("shuffled() orders nearly 2^52 targets without listing them", () => {
  // 2^36 addresses with 65,535 ports each, and one more host: nearly 2^52 targets.
  const sets = ["[2001:db8::]/92:1-65535", "last:1-65535"].map((text) =>
    TargetSet.parse(text, { ports: undefined, limit: Infinity })
  );
  const targets = shuffled(sets, 3);
  const texts = new Set<string>();
  for (let i = 0; i < 1000; i++) texts.add(targets.next().value!.text);
  assertEquals(texts.size, 1000);
  // No address occurs twice, and few ports do.
  assertEquals(new Set([...texts].map((text) => text.split("]:")[0])).size, 1000);
  assert(new Set([...texts].map((text) => text.split("]:")[1])).size > 900);
});

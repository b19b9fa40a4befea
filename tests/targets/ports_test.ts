import { assert, assertEquals } from "@std/assert";
import { firstAbove } from "../../lib/targets/first_above.ts";
import { Ports } from "../../lib/targets/ports.ts";

Deno.test("ports keep the order of their text, in lists of any length", () => {
  const listed = Array.from({ length: 65_535 }, (_, i) => i % 2 === 0 ? 65_535 - i : i + 1);
  const lists = [listed.join(), `9,7-8,7,${listed.join()},100-200`, "1-65535", "80", "3-3,2,1-1"];
  for (const text of lists) {
    const expected = text.split(",").flatMap((part) => {
      const [first, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
    const ports = Ports.parse(text);
    assert(ports instanceof Ports);
    assertEquals(ports.size, expected.length);
    assertEquals(Array.from(expected, (_, i) => ports.at(i)), expected);
  }
});

Deno.test("a port of a long list is found by binary search", () => {
  let reads = 0;
  const ends = new Proxy(Array.from({ length: 65_535 }, (_, i) => 2 * i + 2), {
    get: (list, key) => (reads += Number(key !== "length"), Reflect.get(list, key)),
  });
  for (let i = 0; i < 2 * 65_535; i++) {
    reads = 0;
    assertEquals(firstAbove(ends, i), i >> 1);
    assert(reads <= 16, `${reads} reads`);
  }
});

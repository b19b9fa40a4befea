import { assert, assertEquals } from "@std/assert";
import { printable, quote } from "../../lib/quote.ts";

/** Characters that a terminal interprets or does not show. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const ALL = Array.from({ length: 0x110000 }, (_, i) => String.fromCodePoint(i));
const BAD = ALL.filter((character) => UNPRINTABLE.test(character));

Deno.test("printable() escapes the characters that a terminal interprets or does not show, and no others", () => {
  for (const character of ["\0", "\x1b", "\x7f", "\x85", "\x9b", "\xad", "\u200b", "\u202e", "\u2066", "\u{e0041}"]) {
    assert(BAD.includes(character));
  }
  const bad = new Set(BAD);
  const wrong = ALL.filter((character) => {
    const shown = printable(character);
    if (!bad.has(character)) return shown !== character;
    return !/^(?:\\u[\da-f]{4}){1,2}$/.test(shown) || JSON.parse(`"${shown}"`) !== character;
  });
  assertEquals(wrong, []);
});

Deno.test("printable() keeps the meaning of JSON", () => {
  const value = { [`name${BAD.join("")}`]: BAD.join(' "\\') };
  const json = printable(JSON.stringify(value));
  assert(!UNPRINTABLE.test(json));
  assertEquals(JSON.parse(json), value);
});

Deno.test("quote() escapes strings as JSON, and formats other values by Deno.inspect() on one line", () => {
  assertEquals(quote('a "b" \\ \n\t\x9b'), String.raw`"a \"b\" \\ \n\t\u009b"`);
  assertEquals(quote(undefined), "undefined");
  assertEquals(quote({ a: 1, b: [1, { c: 2 }] }), "{ a: 1, b: [ 1, [Object] ] }");
  for (const character of BAD) {
    for (const value of [character, { [character]: 1 }, { a: character }, Symbol(character), new Error(character)]) {
      assert(!UNPRINTABLE.test(quote(value)), character.codePointAt(0)!.toString(16));
    }
  }
});

Deno.test("quote() truncates long text between characters and escapes, and appends its length", () => {
  assertEquals(quote("a".repeat(80)), `"${"a".repeat(80)}"`);
  assertEquals(quote("a".repeat(81)), `"${"a".repeat(80)}"... (81 characters)`);
  assertEquals(quote("abcdef", 3), '"abc"... (6 characters)');
  assertEquals(quote("\x9b".repeat(3), 13), String.raw`"\u009b\u009b"... (3 characters)`);
  assertEquals(quote("aaa\u{1f600}", 4), '"aaa"... (5 characters)');
  assertEquals(quote("x".repeat(1 << 28), 5), '"xxxxx"... (268435456 characters)');
  for (const value of ["\x9b".repeat(500), { ["\x9b".repeat(500)]: 1 }, Array(500).fill("a"), 10n ** 500n]) {
    assert(quote(value).length <= 80 + '""... (9999 characters)'.length, quote(value));
  }
});

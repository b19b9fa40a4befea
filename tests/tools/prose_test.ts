/** The lint of prose. */

import { assertEquals } from "@std/assert";
import { findVagueWords } from "../../tools/prose.ts";

Deno.test("a vague word is found with its line, in any case", () => {
  assertEquals(findVagueWords("A pipe.\nNobody reads it."), [{ word: "Nobody", line: 2 }]);
});

Deno.test("vague words are found across the lines of a comment", () => {
  for (const mark of [" *", "//", "///", "//!", "#", ""]) {
    const text = `${mark} Tells what becomes\n${mark} of it.`;
    assertEquals(findVagueWords(text), [{ word: "what becomes of", line: 1 }], text);
  }
});

Deno.test("a part of a word is not a vague word", () => {
  assertEquals(findVagueWords("somebodyElse, nobody_reads, saysso"), []);
});

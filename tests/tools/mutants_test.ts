/** The mutants of tests/mutants/ apply to the current code, and their tool parses the output of tests. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { failuresOfCargo, failuresOfDeno } from "../../tools/mutants/killers.ts";
import { applyMutant, parseMutant, readMutants, ROOT } from "../../tools/mutants/mutant.ts";

for (const mutant of readMutants()) {
  Deno.test(`the mutant ${mutant.name} applies, and its tests exist`, async () => {
    applyMutant(mutant, ROOT, "--check");
    for (const file of mutant.denoTests) assert((await Deno.stat(`${ROOT}${file}`)).isFile);
  });
}

Deno.test("a patch that does not apply is an error that names it", async () => {
  const empty = await Deno.makeTempDir();
  const [mutant] = readMutants();
  assertThrows(() => applyMutant(mutant, empty, "--check"), Error, `${mutant.name} does not apply`);
  await Deno.remove(empty);
});

Deno.test("a mutant's header has its description and its tests", () => {
  const patch = "It breaks\n\ndeno test: tests/a_test.ts tests/b_test.ts\ncargo test: --lib probe\n\ndiff --git a b\n";
  assertEquals(parseMutant("name", patch), {
    name: "name",
    breaks: "It breaks",
    denoTests: ["tests/a_test.ts", "tests/b_test.ts"],
    cargoTests: ["--lib", "probe"],
  });
  assertThrows(() => parseMutant("name", "It breaks\n\ndiff --git a b\n"), Error, "name");
  assertThrows(() => parseMutant("name", "diff --git a b\ndeno test: tests/a_test.ts\n"), Error, "name");
});

Deno.test("failures are parsed from the output of cargo and Deno", () => {
  const cargo = "test a::b ... ok\ntest c ... FAILED\ntest d::e ... FAILED\n\nfailures:\ntest c ... FAILED\n    c\n";
  assertEquals(failuresOfCargo(cargo), ["c", "d::e"]);
  const deno = "TAP version 14\nok 1 - a\n    not ok 1 - a step\nnot ok 2 - b \\# c\n  ---\nok 3 - d # SKIP\n1..3\n";
  assertEquals(failuresOfDeno(deno), ["b # c"]);
});

/** The mutants of tests/mutants/ fit the code as it is, and the tool that runs them reads what tests print. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseMutant, patchOf, readMutants } from "../../tools/mutants/mutant.ts";
import { applyPatch } from "../../tools/mutants/patch.ts";
import { mutantsDocument } from "../../tools/mutants/report.ts";
import { failuresOfCargo, failuresOfDeno, type Verdict } from "../../tools/mutants/verdict.ts";

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname.replace(/\/$/, ""));

for (const { name, denoTests } of readMutants(ROOT)) {
  Deno.test(`the mutant ${name} still applies, and its tests are there`, async () => {
    await applyPatch(ROOT, patchOf(name), "--check");
    for (const file of denoTests) assert((await Deno.stat(`${ROOT}/${file}`)).isFile);
  });
}

Deno.test("the page of mutants has them all", async () => {
  const page = await Deno.readTextFile(`${ROOT}/docs/mutants.md`);
  const listed = [...page.matchAll(/^\| \[(\w+)\]/gm)].map(([, name]) => name);
  assertEquals(listed, readMutants(ROOT).map(({ name }) => name));
});

Deno.test("a patch that does not apply is an error that names it", async () => {
  const folder = await Deno.makeTempDir();
  const diff = "diff --git a/file b/file\n--- a/file\n+++ b/file\n@@ -1 +1 @@\n-one\n+two\n";
  await Deno.writeTextFile(`${folder}/good.patch`, diff);
  await Deno.writeTextFile(`${folder}/file`, "one\n");
  await applyPatch(folder, "good.patch");
  assertEquals(await Deno.readTextFile(`${folder}/file`), "two\n");
  await assertRejects(() => applyPatch(folder, "good.patch", "--check"), Error, "good.patch does not apply any more");
  await applyPatch(folder, "good.patch", "--reverse");
  assertEquals(await Deno.readTextFile(`${folder}/file`), "one\n");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a mutant says what it breaks, and which tests are relevant", () => {
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

Deno.test("failures are read from what cargo and Deno print", () => {
  const cargo = "test a::b ... ok\ntest c ... FAILED\ntest d::e ... FAILED\n\nfailures:\ntest c ... FAILED\n    c\n";
  assertEquals(failuresOfCargo(cargo), ["c", "d::e"]);
  const deno = "TAP version 14\nok 1 - a\n    not ok 1 - a step\nnot ok 2 - b \\# c\n  ---\nok 3 - d # SKIP\n1..3\n";
  assertEquals(failuresOfDeno(deno), ["b # c"]);
});

Deno.test("the report counts the mutants that were killed, and says by which tests", () => {
  const verdicts: [string, Verdict][] = [
    ["one", { kind: "killed", by: ["a", "b", "c", "d", "e"] }],
    ["two", { kind: "survived" }],
    ["three", { kind: "did not build" }],
  ];
  const report = mutantsDocument(
    new Map(verdicts.map(([name, verdict]) => [{ name, breaks: "all_of_it", denoTests: [], cargoTests: [] }, verdict])),
    "- Machine: any",
    "abc",
  );
  assertEquals(report.split("\n").filter((line) => line.startsWith("| [")).map((line) => line.replace(/ {2,}/g, " ")), [
    "| [one](../tests/mutants/one.patch) | all\\_of\\_it | killed | a; b; c; and 2 more |",
    "| [two](../tests/mutants/two.patch) | all\\_of\\_it | survived | |",
    "| [three](../tests/mutants/three.patch) | all\\_of\\_it | did not build | |",
  ]);
  assert(report.includes("\n- Commit: abc\n\n1 of 3 mutants are killed.\n"));
});

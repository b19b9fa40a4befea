/** Batches of test files. */

import { assertEquals } from "@std/assert";
import { ALONE, batches } from "../../tools/suite/batches.ts";
import { testFiles, THOROUGH } from "../../tools/suite/suite.ts";

const FILES = testFiles();

Deno.test("each test file is in one batch", () => {
  assertEquals(batches(FILES).flat().toSorted(), FILES.toSorted());
});

Deno.test("a file that counts the threads of its process is alone, and others share a process", () => {
  const alone = "tests/api/threads_test.ts";
  assertEquals(batches(["cli/tests/a_test.ts", alone, "monitor/tests/b_test.ts"]), [
    [alone],
    ["cli/tests/a_test.ts", "monitor/tests/b_test.ts"],
  ]);
});

Deno.test("each path that the test suite names has test files", () => {
  const unused = [...ALONE, ...THOROUGH].filter((path) => !FILES.some((file) => file.startsWith(path)));
  assertEquals(unused, []);
});

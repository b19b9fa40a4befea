import { assertStringIncludes, assertThrows } from "@std/assert";
import { checkSlices } from "../../lib/list/check_slices.ts";
import { scaleTable } from "../../tools/scale.ts";

Deno.test("the table of docs/scale.md matches the computed one", async () => {
  const file = await Deno.makeTempFile({ suffix: ".md" });
  await Deno.writeTextFile(file, scaleTable());
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file] }).output();
  const page = await Deno.readTextFile(new URL("../../docs/scale.md", import.meta.url));
  assertStringIncludes(
    page,
    (await Deno.readTextFile(file)).trim(),
    "run deno run --allow-read --allow-write=fleet/docs --allow-run --v8-flags=--expose-gc fleet/tools/scale.ts",
  );
  await Deno.remove(file);
});

Deno.test("a list of 1,000,000 targets with short ids is accepted, and a list of 1,500,000 is rejected", () => {
  const ids = Array.from({ length: 1_500_000 }, (_, i) => `target-${i}.example:443`);
  assertThrows(() => checkSlices(ids), RangeError, "The list of 1500000 targets is too long");
  checkSlices(ids.slice(0, 1_000_000));
});

import { assertStringIncludes } from "@std/assert";
import { scaleTable } from "../../tools/scale.ts";

Deno.test("the table of docs/scale.md is what is computed", async () => {
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

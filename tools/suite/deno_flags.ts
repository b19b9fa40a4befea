/** Flags of `deno test`; they depend on whether JSR can be reached. */

/** Not used for snippets in documents, which load the library inside the test and leave the default checker running. */
export const SANITIZERS = ["--sanitize-ops", "--sanitize-resources"];

/** Permissions, and the stand-in for @std/assert if JSR can't be reached. */
export async function denoFlags(): Promise<string[]> {
  if (await canReachJsr()) return ["--allow-all"];
  console.log("JSR can't be reached: a small stand-in over node:assert/strict takes the place of @std/assert");
  return ["--allow-all", "--import-map=tests/stand_in/import_map.json"];
}

async function canReachJsr(): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--no-config", "jsr:@std/assert@^1"],
    stdout: "null",
    stderr: "null",
  });
  return (await command.output()).success;
}

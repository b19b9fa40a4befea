/**
 * Generates the TypeScript side of the FFI boundary; with `--check` it writes nothing, and fails if a file is stale.
 */

import { readText } from "./files/read_text.ts";

const GENERATED = ["lib/native/bindings.ts", "lib/native/layout.ts"];

async function run(command: string, args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args, stdout: "inherit", stderr: "inherit" }).output();
  if (!success) Deno.exit(1);
}

const scratch = await Deno.makeTempDir();
const fresh = GENERATED.map((path) => `${scratch}/${path.split("/").at(-1)}`);
await run("cargo", ["run", "--quiet", "--locked", "--package", "tcp_shaker", "--example", "bindgen", "--", ...fresh]);
await run(Deno.execPath(), ["fmt", "--quiet", "--config", "deno.json", ...fresh]);
const stale = GENERATED.filter((path, i) => {
  const text = Deno.readTextFileSync(fresh[i]);
  if (text === readText(path)) return false;
  if (!Deno.args.includes("--check")) Deno.writeTextFileSync(path, text);
  return true;
});
await Deno.remove(scratch, { recursive: true });
if (Deno.args.includes("--check") && stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}: run deno task bindgen`);
  Deno.exit(1);
}
console.log(stale.length > 0 ? `Wrote ${stale.join(", ")}` : "The bindings are fresh");

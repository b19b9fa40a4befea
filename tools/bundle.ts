/**
 * Writes lib/native/bundle/, the libraries inside the module, one module per target; with `--check` it writes nothing,
 * and fails if a module differs from a fresh build.
 */

import { TARGETS } from "../lib/native/bundle.ts";
import { buildLibrary, toolchain, whyNoBuild } from "./bundle/build.ts";
import { compress, moduleText } from "./bundle/module.ts";
import { readText } from "./files/read_text.ts";

const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname);
const check = Deno.args.includes("--check");

const reason = await whyNoBuild();
if (reason !== undefined) {
  console.error(reason);
  Deno.exit(1);
}
const tools = await toolchain();
await Deno.mkdir(`${ROOT}lib/native/bundle`, { recursive: true });
let stale = false;
for (const target of TARGETS) {
  const path = `lib/native/bundle/${target}.json`;
  const library = await buildLibrary(target, ROOT);
  const text = await moduleText(library, tools);
  const fresh = text === readText(`${ROOT}${path}`);
  stale ||= !fresh;
  if (check) console.log(`${path}: ${fresh ? "as the sources say" : `not what the sources give with ${tools}`}`);
  else {
    if (!fresh) await Deno.writeTextFile(`${ROOT}${path}`, text);
    console.log(`${path}: ${library.length} bytes, compressed ${compress(library).length}`);
  }
}
if (check && stale) {
  console.error("Run: deno task bundle");
  Deno.exit(1);
}

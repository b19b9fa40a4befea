/** The libraries inside the module, built from the current sources. */

import { Buffer } from "node:buffer";
import { whyNoBuild } from "../../tools/bundle/build.ts";
import { BUNDLE_IS_FRESH } from "./variables.ts";

export const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);

/** The reason why there is no bundle; `undefined` if there is one, which is up to date. */
export const whyNoBundle: string | undefined = await whyNoBuild();
if (whyNoBundle === undefined && !Deno.env.has(BUNDLE_IS_FRESH)) {
  const { code, stderr } = await bundle();
  if (code !== 0) throw new Error(stderr);
}

/** Registers a test that needs the bundle. If it can't be built the test is skipped, with the reason in its name. */
export function bundleTest(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  if (whyNoBundle === undefined) Deno.test(name, fn);
  else Deno.test({ name: `${name} (skipped, no bundle can be built: ${whyNoBundle})`, ignore: true, fn });
}

/** Runs `deno task bundle`. */
export async function bundle(...args: string[]): Promise<{ code: number; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), { args: ["task", "bundle", ...args], cwd: ROOT, stdout: "null" });
  const { code, stderr } = await command.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Whether a file made by Deno contains the library for a target. */
export async function isPacked(file: string, target: string): Promise<boolean> {
  const { library } = JSON.parse(await Deno.readTextFile(`${ROOT}lib/native/bundle/${target}.json`));
  return Buffer.from(await Deno.readFile(file)).includes(library.slice(0, 1000));
}

/** A copy of the module outside of the checkout, as users have it. */

import { dirname } from "node:path/posix";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../..", import.meta.url);
const LIBRARY = "target/release/libtcp_shaker.so";

/**
 * Copies the module, without its library.
 *
 * @param version The version of the copy.
 * @returns The folder, which the caller removes.
 */
export async function copyModule(version?: string): Promise<string> {
  const copy = await Deno.makeTempDir();
  const packages = ["", ...config.workspace.map((member) => `${member.slice(2)}/`)];
  const files = packages.flatMap((folder) => [`${folder}mod.ts`, `${folder}deno.json`, ...filesIn(`${folder}lib`)]);
  for (const folder of new Set(files.map(dirname))) await Deno.mkdir(`${copy}/${folder}`, { recursive: true });
  for (const file of files) await Deno.copyFile(new URL(file, ROOT), `${copy}/${file}`);
  if (version !== undefined) {
    await Deno.writeTextFile(`${copy}/deno.json`, JSON.stringify({ ...config, version }));
  }
  return copy;
}

/**
 * Puts a library into the place where a copy of the module searches it.
 *
 * @param copy The folder.
 * @param library The library, relative to the checkout.
 */
export async function installLibrary(copy: string, library: string = LIBRARY): Promise<void> {
  await Deno.mkdir(`${copy}/target/release`, { recursive: true });
  await Deno.copyFile(new URL(library, ROOT), `${copy}/${LIBRARY}`);
}

function filesIn(folder: string): string[] {
  // The bundled libraries exist only if they were built here.
  if (folder === "lib/native/bundle") return [];
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

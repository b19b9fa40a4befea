/** The module in a folder of its own, as a user without our checkout would have it. */

const ROOT = new URL("../..", import.meta.url);
const LIBRARY = "target/release/libtcp_shaker.so";

/**
 * Copies the module, without its library.
 *
 * @param version The version it is to have.
 * @returns The folder, which the caller removes.
 */
export async function copyModule(version?: string): Promise<string> {
  const copy = await Deno.makeTempDir();
  await Deno.mkdir(`${copy}/lib`);
  const lib = [...Deno.readDirSync(new URL("lib", ROOT))].filter(({ isFile }) => isFile).map(({ name }) =>
    `lib/${name}`
  );
  for (const file of ["mod.ts", "deno.json", ...lib]) await Deno.copyFile(new URL(file, ROOT), `${copy}/${file}`);
  if (version !== undefined) {
    const config = JSON.parse(await Deno.readTextFile(`${copy}/deno.json`));
    await Deno.writeTextFile(`${copy}/deno.json`, JSON.stringify({ ...config, version }));
  }
  return copy;
}

/**
 * Puts a library where a copy of the module looks for it.
 *
 * @param copy The folder.
 * @param library The library, relative to the checkout.
 */
export async function installLibrary(copy: string, library: string = LIBRARY): Promise<void> {
  await Deno.mkdir(`${copy}/target/release`, { recursive: true });
  await Deno.copyFile(new URL(library, ROOT), `${copy}/${LIBRARY}`);
}

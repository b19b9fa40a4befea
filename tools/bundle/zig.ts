/** Finding zig, which links for old systems and for other machines. */

const REQUIREMENTS = "tools/bundle/requirements.txt";
const FOLDER = "target/zig";
const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/**
 * Finds the zig that releases are linked with: on the PATH, or where pip puts it as the error says.
 *
 * @returns Its path.
 * @throws {Error} If it isn't there.
 */
export async function findZig(): Promise<string> {
  const wanted = /^ziglang==(\S+)/m.exec(await Deno.readTextFile(ROOT + REQUIREMENTS))![1];
  for (const zig of ["zig", `${ROOT}${FOLDER}/ziglang/zig`]) {
    if (await version(zig) === wanted) return zig;
  }
  throw new Error(
    `Cannot find zig ${wanted}: pip install --require-hashes --target ${FOLDER} --requirement ${REQUIREMENTS}`,
  );
}

async function version(zig: string): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command(zig, { args: ["version"], stderr: "inherit" }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Lookup of zig, the linker for old systems and other architectures. */

const REQUIREMENTS = "tools/bundle/requirements.txt";
const FOLDER = "target/zig";
const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/**
 * Finds the zig version that releases are linked with: on the PATH, or in the folder that the error's pip command
 * installs it to.
 *
 * @returns Its path.
 * @throws {Error} If it is missing, with the command that installs it.
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

/** Finding zig, which links for old systems and for other ones. */

const ROOT = new URL("../../", import.meta.url);

/** The version that releases are linked with: the same sources give the same bytes. */
export const ZIG_VERSION = "0.17.1";

/** Where .ci/run has pip put it. */
const INSTALLED = decodeURIComponent(new URL("target/zig/ziglang/zig", ROOT).pathname);

/**
 * Finds zig: on the PATH, or where the command in the error puts it.
 *
 * @returns Its path.
 * @throws {Error} If it isn't there, or of another version.
 */
export async function findZig(): Promise<string> {
  for (const zig of ["zig", INSTALLED]) {
    if (await version(zig) === ZIG_VERSION) return zig;
  }
  throw new Error(`Cannot find zig ${ZIG_VERSION}: pip install --target target/zig ziglang==${ZIG_VERSION}`);
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

/** A copy of the repository, in which the code may be broken. */

import { dirname } from "node:path";
import { applyPatch } from "./patch.ts";

/** The copy. It stays where it is, for those who want to look into it, and so that the next run has less to build. */
export class Tree {
  readonly path: string;
  readonly #root: string;

  private constructor(root: string, path: string) {
    this.#root = root;
    this.path = path;
  }

  /**
   * Copies all files but those that git ignores.
   *
   * @param root The root of the repository, whose files are left alone.
   */
  static async copy(root: string): Promise<Tree> {
    const path = `${root}/target/mutants/tree`;
    await Deno.remove(path, { recursive: true }).catch(ignoreMissing);
    for (const file of await filesOf(root)) {
      await Deno.mkdir(dirname(`${path}/${file}`), { recursive: true });
      await Deno.copyFile(`${root}/${file}`, `${path}/${file}`);
    }
    // What was built outlives the copy.
    await Deno.mkdir(`${path}/../target`, { recursive: true });
    await Deno.symlink("../target", `${path}/target`);
    return new Tree(root, path);
  }

  /** Applies a patch of the repository for as long as `act` takes. */
  async with<T>(patch: string, act: () => Promise<T>): Promise<T> {
    await applyPatch(this.path, `${this.#root}/${patch}`);
    try {
      return await act();
    } finally {
      await applyPatch(this.path, `${this.#root}/${patch}`, "--reverse");
    }
  }
}

async function filesOf(root: string): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: root }).output();
  if (!success) throw new Error(`Cannot list the files to copy: ${new TextDecoder().decode(stderr).trim()}`);
  const files = new TextDecoder().decode(stdout).split("\0").filter((file) => file !== "");
  return [...new Set(files)].filter((file) => exists(`${root}/${file}`));
}

/** Git lists what was deleted since the last commit too. */
function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
